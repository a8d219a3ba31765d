package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Ask sends a request and waits for the reply. Signals that come from now on go
// to the lab, which decides what they end. The error is a diagnostic when the
// lab ended meanwhile.
func (c *Conn) Ask(do string, body any, files ...*os.File) (Reply, error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := c.request(do, body, files...); err != nil {
		return Reply{}, c.lost(err)
	}
	ctx, done := context.WithCancel(context.Background())
	defer done()
	go c.pass(ctx, signals)
	return c.reply()
}

// Call is Ask for a program that has a use for its own signals: the request is
// given up when ctx ends.
func (c *Conn) Call(ctx context.Context, do string, body any, files ...*os.File) (Reply, error) {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if err := c.request(do, body, files...); err != nil {
		return Reply{}, errors.Join(ctx.Err(), c.lost(err))
	}
	r, err := c.reply()
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	return r, err
}

// AskWithin is Ask for what is answered at once.
func (c *Conn) AskWithin(d time.Duration, do string, body any) (Reply, error) {
	if err := c.socket.SetDeadline(time.Now().Add(d)); err != nil {
		return Reply{}, err
	}
	if err := c.request(do, body); err != nil {
		return Reply{}, c.lost(err)
	}
	return c.reply()
}

func (c *Conn) request(do string, body any, files ...*os.File) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(Request{Do: do, Body: text}, files...)
}

func (c *Conn) pass(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if n, ok := s.(syscall.Signal); ok {
				// When the lab is gone there will be no reply.
				_ = c.send(event{n})
			}
		}
	}
}

func (c *Conn) reply() (r Reply, err error) {
	files, err := c.receive(&r)
	closeAll(files)
	if err != nil {
		return r, c.lost(err)
	}
	return r, nil
}

// lost is the error of a connection that broke.
func (c *Conn) lost(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return silentLab(c.lab, errors.New("no word from it"))
	}
	return goneLab(c.lab)
}
