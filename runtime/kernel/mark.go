package kernel

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
)

// marks is how what a world makes can be recognized later, by another process.
type marks struct {
	text   string
	naming func(name string, inode uint64) error
}

// Mark has what is made from now on marked with a text: it is the alias of the loopback of each
// namespace that gets a name, and the comment of the host's table of nftables. Naming is called
// before a namespace gets a name, with its inode number (namespaces(7)); its error is the op's.
func (w *World) Mark(text string, naming func(name string, inode uint64) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.marks = &marks{text, naming}
}

// name gives a namespace its name, and before that its mark.
func (w *World) name(name string, h *handle) error {
	if w.marks != nil {
		if err := h.setOption(plan.SetOption{Node: name, Name: plan.Loopback, Option: "alias", Value: w.marks.text}); err != nil {
			return err
		}
		if err := w.marks.naming(name, h.ID.ino); err != nil {
			return err
		}
	}
	return nameNS(name, h)
}

// Inode is the inode number of the namespace of a node.
func (w *World) Inode(node string) (uint64, error) {
	id, err := w.IDOf(node)
	return id.ino, err
}

// RemoveName removes the file that a naming has left that was cut off: empty, no
// one's to read, and not older than a moment. It reports whether there was one.
func (w *World) RemoveName(name string, since time.Time) (bool, error) {
	if !validName(name) {
		return false, nil
	}
	info, err := os.Lstat(nsPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode() != 0 || info.Size() != 0 || st.Dev == w.host.ID.dev || info.ModTime().Before(since.Truncate(time.Second)) {
		return false, nil
	}
	return true, unix.Unlink(nsPath(name))
}

// Attributes of a table (<linux/netfilter/nf_tables.h>), and the kind of user data that nft(8)
// shows as a comment (NFTNL_UDATA_TABLE_COMMENT, libnftnl).
const (
	nftaTableUserdata = 6
	tableComment      = 0
)

// addMarkedTable is addTable with a comment that the table has from the beginning: the library
// has none for tables. It is one batch (<linux/netfilter/nfnetlink.h>).
func (h *handle) addMarkedTable(text string) error {
	e := netlink.NewAttributeEncoder()
	e.String(unix.NFTA_TABLE_NAME, plan.NftTable)
	e.Bytes(nftaTableUserdata, append([]byte{tableComment, byte(len(text) + 1)}, text+"\x00"...))
	attributes, err := e.Encode()
	if err != nil {
		return err
	}
	const create = netlink.Request | netlink.Acknowledge | netlink.Create | netlink.Excl
	return h.inNetfilter(func(c *netlink.Conn) error {
		sent, err := c.SendMessages([]netlink.Message{
			nfMessage(unix.NFNL_MSG_BATCH_BEGIN, netlink.Request, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES, nil),
			nfMessage(unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWTABLE, create, unix.NFPROTO_INET, 0, attributes),
			nfMessage(unix.NFNL_MSG_BATCH_END, netlink.Request, unix.AF_UNSPEC, unix.NFNL_SUBSYS_NFTABLES, nil),
		})
		if err != nil || len(sent) == 0 {
			return err
		}
		_, err = c.Receive()
		return err
	})
}

// TableMark is the comment of the lab's table in a node, "" where it has none or there is no
// table.
func (w *World) TableMark(node string) (string, error) {
	return look(w, node, func(h *handle) (text string, err error) {
		e := netlink.NewAttributeEncoder()
		e.String(unix.NFTA_TABLE_NAME, plan.NftTable)
		attributes, err := e.Encode()
		if err != nil {
			return "", err
		}
		err = h.inNetfilter(func(c *netlink.Conn) error {
			answers, err := c.Execute(nfMessage(unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_GETTABLE, netlink.Request, unix.NFPROTO_INET, 0, attributes))
			if errors.Is(err, unix.ENOENT) || err == nil && len(answers) == 0 {
				return nil
			}
			if err != nil {
				return err
			}
			text, err = tableText(answers[0].Data)
			return err
		})
		return text, err
	})
}

// tableText is the comment in a description of a table.
func tableText(data []byte) (string, error) {
	if len(data) < unix.SizeofNlMsghdr/4 {
		return "", unix.EBADMSG
	}
	d, err := netlink.NewAttributeDecoder(data[4:]) // after struct nfgenmsg
	if err != nil {
		return "", err
	}
	for d.Next() {
		if d.Type() != nftaTableUserdata {
			continue
		}
		for b := d.Bytes(); len(b) >= 2 && len(b) >= 2+int(b[1]); b = b[2+int(b[1]):] {
			if b[0] == tableComment && b[1] > 0 {
				return string(b[2 : 1+int(b[1])]), nil
			}
		}
	}
	return "", d.Err()
}

// nfMessage is a message of nfnetlink: struct nfgenmsg and attributes.
func nfMessage(typ int, flags netlink.HeaderFlags, family byte, resource uint16, attributes []byte) netlink.Message {
	return netlink.Message{Header: netlink.Header{Type: netlink.HeaderType(typ), Flags: flags}, //nolint:gosec // constants
		Data: append([]byte{family, unix.NFNETLINK_V0, byte(resource >> 8), byte(resource)}, attributes...)}
}

// inNetfilter opens a socket in the namespace for f.
func (h *handle) inNetfilter(f func(*netlink.Conn) error) error {
	c, err := netlink.Dial(unix.NETLINK_NETFILTER, &netlink.Config{NetNS: int(h.ns)})
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.Close())
}
