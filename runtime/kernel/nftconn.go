package kernel

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
)

// withNft runs f with the node's nftables connection, which is opened when it
// is first needed. One user at a time: answers carry no mark of the question, and after
// an error there may be one that was not read, so the connection is given up.
//
// f runs again after an error that the kernel may not have a moment later, or where it
// is not known what the kernel did: again says so.
func (h *handle) withNft(f func(c *nftables.Conn, again bool) error) (err error) {
	h.nftMu.Lock()
	defer h.nftMu.Unlock()
	for try := range rtnl.Tries {
		if err = h.tryNft(f, try > 0); err == nil {
			return nil
		}
		if !rtnl.Passing(err, true) && !unanswered(err) {
			return err
		}
		<-time.After(rtnl.Pause(try))
	}
	return fmt.Errorf("%w: %w", plan.ErrLost, err)
}

func (h *handle) tryNft(f func(c *nftables.Conn, again bool) error, again bool) error {
	if h.nft == nil {
		c, err := dialNft(h)
		if err != nil {
			return err
		}
		h.nft = c
	}
	err := f(h.nft, again)
	if err != nil {
		h.nftTable.valid = false
		err = errors.Join(err, h.closeNft())
	}
	return err
}

// unanswered reports whether an error of the library is about an answer that does not
// come or cannot be read: it is not what the kernel answered.
func unanswered(err error) bool {
	var op *netlink.OpError
	if errors.As(err, &op) {
		return op.Op == "receive" && op.Sequence == 0
	}
	var errno syscall.Errno
	return !errors.As(err, &errno)
}

// closeNft gives the connection back.
func (h *handle) closeNft() error {
	if h.nft == nil {
		return nil
	}
	err := h.nft.CloseLasting()
	if h.raw != nil {
		err = errors.Join(err, h.raw.Close())
	}
	h.nft, h.raw = nil, nil
	return err
}

func dialNft(h *handle) (*nftables.Conn, error) {
	if h.netlink.Faults != nil {
		return faultyNft(h)
	}
	return nftables.New(nftables.WithNetNSFd(int(h.ns)), nftables.AsLasting())
}

// faultyNft is the connection whose requests fail as tests want it.
func faultyNft(h *handle) (*nftables.Conn, error) {
	var raw *rtnl.Conn
	err := h.Inside(func() (err error) {
		raw, err = h.netlink.DialProtocol(unix.NETLINK_NETFILTER)
		return err
	})
	if err != nil {
		return nil, err
	}
	h.raw = raw
	return nftables.New(nftables.WithTestDial(func(requests []netlink.Message) ([]netlink.Message, error) {
		if requests == nil {
			return nil, io.EOF // all answers were read
		}
		answers, err := rawExchange(raw, requests)
		if err != nil {
			// With a message, so that it is an error once (package nltest).
			answers = []netlink.Message{{}}
		}
		return answers, err
	}), nftables.AsLasting())
}

// rawExchange sends what the library wants to send, and gives all that the kernel answers.
func rawExchange(raw *rtnl.Conn, requests []netlink.Message) (answers []netlink.Message, err error) {
	var text []byte
	for _, r := range requests {
		b, err := r.MarshalBinary()
		if err != nil {
			return nil, err
		}
		text = append(text, b...)
	}
	main := requests[len(requests)/2].Header // of a batch, what is between its begin and end
	datagrams, err := raw.Raw(text, int(main.Type), int(main.Flags))
	if refused := unix.Errno(0); errors.As(err, &refused) && len(datagrams) == 0 {
		return nltest.Error(int(refused), requests[len(requests)/2:])
	}
	for _, d := range datagrams {
		list, err := syscall.ParseNetlinkMessage(d)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			answers = append(answers, netlink.Message{Data: m.Data, Header: netlink.Header{Length: m.Header.Len,
				Type: netlink.HeaderType(m.Header.Type), Flags: netlink.HeaderFlags(m.Header.Flags), Sequence: m.Header.Seq, PID: nltest.PID}})
		}
	}
	return answers, err
}
