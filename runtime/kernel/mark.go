package kernel

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nsl/runtime/plan"
	"nsl/runtime/rtnl"
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

// labTableName is a message about the lab's table: struct nfgenmsg and its name.
func labTableName() []byte {
	return rtnl.WithAttribute([]byte{unix.NFPROTO_INET, 0, 0, 0}, unix.NFTA_TABLE_NAME, []byte(plan.NftTable+"\x00"))
}

// addMarkedTable is addTable with a comment that the table has from the beginning: the library
// has none for tables.
func (h *handle) addMarkedTable(text string) error {
	comment := append([]byte{tableComment, byte(len(text) + 1)}, text+"\x00"...)
	return h.inNetfilter(func(c *rtnl.Conn) error {
		return c.Batch([]rtnl.Request{{Kind: unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWTABLE, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL,
			Body: rtnl.WithAttribute(labTableName(), nftaTableUserdata, comment)}})
	})
}

// TableMark is the comment of the lab's table in a node, "" where it has none or there is no
// table.
func (w *World) TableMark(node string) (string, error) {
	return look(w, node, func(h *handle) (text string, err error) {
		err = h.inNetfilter(func(c *rtnl.Conn) error {
			const kind = unix.NFNL_SUBSYS_NFTABLES << 8
			answers, err := c.Request(kind|unix.NFT_MSG_GETTABLE, 0, kind|unix.NFT_MSG_NEWTABLE, labTableName())
			if errors.Is(err, unix.ENOENT) {
				return nil
			}
			for _, m := range answers {
				text = tableText(m)
			}
			return err
		})
		return text, err
	})
}

// tableText is the comment in a description of a table.
func tableText(m []byte) string {
	const header = 4 // struct nfgenmsg
	for b := rtnl.Attribute(m, header, nftaTableUserdata); len(b) >= 2 && len(b) >= 2+int(b[1]); b = b[2+int(b[1]):] {
		if b[0] == tableComment {
			return str(b[2 : 2+int(b[1])])
		}
	}
	return ""
}

// inNetfilter opens a socket in the namespace for f.
func (h *handle) inNetfilter(f func(*rtnl.Conn) error) error {
	return h.Inside(func() error {
		c, err := h.netlink.DialProtocol(unix.NETLINK_NETFILTER)
		if err != nil {
			return err
		}
		defer c.Close()
		return f(c)
	})
}
