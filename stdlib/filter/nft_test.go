package filter_test

import (
	"bytes"
	_ "embed"
	"slices"
	"testing"

	"nsl/runtime/labtest"
	"nsl/runtime/labtest/labs"
	"nsl/runtime/nfmsg"
	"nsl/runtime/plan"
)

//go:embed testdata/nft.txt
var nftLines string

// alikeNftPart is alikePart for nft.
const alikeNftPart = "alike nft"

// TestLikeNft does commands of nft and compares the tables with those that the program makes:
// the descriptions of the kernel are equal, byte by byte.
func TestLikeNft(t *testing.T) {
	labtest.NeedSandbox(t)
	labtest.NeedPrograms(t, "nft")
	if got := labs.In(t, alikeNftPart, labs.Job{Script: "ns red\n"}); got.Err != "" || got.Failed > 0 {
		t.Errorf("%s\n%s", got.Err, got.Out)
	}
}

// unordered are tables whose sets have their elements in order: the kernel's depends on chance.
func unordered(items []plan.Item) []plan.Item {
	out := slices.Clone(items)
	for i := range out {
		list := nfmsg.Split(out[i].Sum)
		for j, m := range list {
			if m.Kind == nfmsg.NewElements {
				list[j].Body = inOrder(m.Body)
			}
		}
		out[i].Sum = nfmsg.Join(list)
	}
	return out
}

func inOrder(body []byte) []byte {
	const elements = 3
	var list [][]byte
	nfmsg.Each(nfmsg.Get(body[nfmsg.BodyAt:], elements), func(_ int, e []byte) { list = append(list, e) })
	slices.SortFunc(list, bytes.Compare)
	out := nfmsg.Attrs{}
	for _, e := range list {
		out = out.Put(nfmsg.ListElement, e)
	}
	return nfmsg.Without(body, elements).Put(elements, out)
}

// TestNftUndone holds that what nft did is undone, sets included.
func TestNftUndone(t *testing.T) {
	labtest.NeedPrograms(t, "nft")
	labs.Hold(t, `ns red
nft red add table inet t
nft red add chain inet t in "{ type filter hook input priority 0; }"
nft red add set inet t s "{ type ipv4_addr; elements = { 10.0.0.1 } }"
nft red add rule inet t in ip saddr @s drop
exec red sh -c "nft list ruleset > /tmp/before"
test "undone" {
  nft red add rule inet t in tcp dport "{ 22, 80-90 }" accept
  nft red add element inet t s "{ 10.0.0.2 }"
  nft red flush chain inet t in
  nft red delete set inet t s
  nft red delete table inet t
}
exec red sh -c "nft list ruleset | diff /tmp/before -"
expect link red:lo up
`)
}
