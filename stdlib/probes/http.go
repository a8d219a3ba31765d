package probes

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nsl/lang/diag"
	"nsl/lang/syntax"
	"nsl/lang/verb"
	"nsl/runtime/plan"
	"nsl/stdlib/lab"
	"nsl/stdlib/why"
)

// httpProbe is the probe http.
type httpProbe struct {
	From syntax.NodeSet `parser:"'http' @@ '->'"`
	To   syntax.URLSet  `parser:"@@"`
	Opts []httpOption   `parser:"@@*"`
	patient
}

// httpOption is one option of http.
type httpOption struct {
	Status   *syntax.Int  `parser:"  'status' @@"`
	Body     *syntax.Free `parser:"| 'body' 'contains' @@"`
	Header   *httpHeader  `parser:"| 'header' @@"`
	Redirect *syntax.Free `parser:"| 'redirects' 'to' @@"`
}

// httpHeader is a field of the response's header, and a text in it.
type httpHeader struct {
	Name     syntax.Free `parser:"@@"`
	Contains syntax.Free `parser:"'contains' @@"`
}

// HTTP is the probe http.
func HTTP() *verb.Verb {
	return verb.Define[httpProbe](verb.Spec{
		Name:    "http",
		Also:    []string{"curl", "wget"},
		Summary: "a web server answers",
		Usage:   []string{"http A -> URL [status N] [header NAME contains TEXT] [redirects to URL] [body contains TEXT]"},
		Doc: `A is a node, a list of nodes or ` + "`*`" + `. URL is ` + "`http://blue:8080/path`" + ` or, for its first
page, just ` + "`blue`" + `; the host is a node, an address or a name, and ` + "`http://*/`" + ` is every
node. The request is a GET from a socket inside A.

It holds when the status of the response is 200 to 399, or the one given with ` + "`status`" + `.
Redirections are not followed: ` + "`redirects to`" + ` requires one (301, 302, 303, 307, 308) to that URL.
` + "`body contains`" + ` requires the text in the first MiB of the body, ` + "`header`" + ` in a field of the
header; both may be repeated.`,
		Examples: []verb.Example{
			{Note: "The page and its status.", Code: "ns red blue\nlink red <-> blue\nserve http blue:80\nexpect http red -> http://blue/ status 200 header Server contains nsl body contains \"Hello from blue\"\nexpect not http red -> blue redirects to http://blue/start\n"},
			{Note: "A server that answers with an error.", Code: "ns red blue\nlink red <-> blue\nserve http blue:8080 status 503\nexpect not http red -> http://blue:8080/\nexpect http red -> http://blue:8080/ status 503\n"},
			{Note: "Every node asks every node.", Code: "ns a b c\nbridge sw <a b c>\nserve http *\nexpect http * -> *\n"},
		},
	})
}

// Names reports nodes and names that never were.
func (h *httpProbe) Names(view verb.Lab) diag.List {
	return namesOfPlaces(view, h.From, h.hosts())
}

func (h *httpProbe) hosts() []syntax.Target {
	var words []syntax.Target
	for _, u := range h.To.URLs() {
		words = append(words, u.Target())
	}
	return words
}

// Check finds a status that there is not, or that is given twice.
func (h *httpProbe) Check() diag.List {
	list := lab.Repeated("http", h.Opts, "body", "header")
	for _, o := range h.Opts {
		if o.Status != nil && !o.Status.Dynamic && (o.Status.Int() < 100 || o.Status.Int() > 599) {
			list.Add(diag.NotAStatus(o.Status.Span, o.Status.Value, 100))
		}
	}
	return list
}

// Probe asks all at once.
func (h *httpProbe) Probe(ctx context.Context, env *verb.Env, wait time.Duration) ([]verb.Answer, error) {
	list, err := h.asks(ctx, env, wait)
	if err != nil {
		return nil, err
	}
	return connect(ctx, env, list, func(a ask, r plan.ConnectReply) verb.Answer {
		if !r.Connected {
			return unconnected(a, r)
		}
		return h.judge(a, r)
	})
}

func (h *httpProbe) asks(ctx context.Context, env *verb.Env, wait time.Duration) ([]ask, error) {
	var places []place
	for _, u := range h.To.URLs() {
		more, err := placesOf(env, u.Target(), u.Port())
		if err != nil {
			return nil, err
		}
		for i := range more {
			more[i].url = &u
		}
		places = append(places, more...)
	}
	list, err := h.questions(ctx, env, h.From, places, "tcp", wait)
	for i, a := range list {
		list[i].HTTP = &plan.HTTPRequest{Host: a.to.url.Host(a.to.Text), Path: a.to.url.Path()}
		list[i].HTTP.User, list[i].HTTP.Password = a.to.url.User()
	}
	return list, err
}

// httpURL is the URL of a place.
func httpURL(p place) string { return "http://" + p.url.Host(p.Text) + p.url.Path() }

// judge looks at what a server answered.
func (h *httpProbe) judge(a ask, r plan.ConnectReply) verb.Answer {
	v := verb.Answer{Subject: a.subject()}
	if r.HTTP == nil {
		v.Seen = fmt.Sprintf("%s port %d takes the connection, but %s", a.To.Addr(), a.to.port, r.Broken)
		v.Explain = func(after *verb.Env) (string, string) {
			if strings.HasPrefix(r.Broken, plan.NotHTTP) {
				return cmp.Or(why.Speaks(after, a.Connect), "what listens there does not speak HTTP"), ""
			}
			text, fix := why.Hung(after, a.Connect)
			return cmp.Or(text, "the server hangs or does not speak HTTP, or packets of full size are lost on the way"), fix
		}
		return v
	}
	v.Definite, v.Holds = true, r.HTTP.Status >= 200 && r.HTTP.Status < 400
	v.Seen = fmt.Sprintf("%s answers %d %s in %s", a.To.Addr(), r.HTTP.Status, http.StatusText(r.HTTP.Status), millis(r.RTT))
	for _, o := range h.Opts {
		if o.Status != nil {
			v.Holds = r.HTTP.Status == o.Status.Int()
		}
	}
	if wrong := h.headerLacks(r.HTTP); wrong != "" {
		v.Holds, v.Seen = false, v.Seen+", and "+wrong
	}
	if missing := h.bodyLacks(r.HTTP); len(missing) > 0 {
		v.Holds, v.Definite = false, !r.HTTP.Cut
		v.Seen += ", and its body does not contain " + strings.Join(missing, " and ")
		if r.HTTP.Cut {
			v.Seen += ", as far as it came"
		}
	}
	if !v.Holds {
		v.Why = bodyBegins(r.HTTP.Body)
	}
	return v
}

// bodyLacks are the texts that a body must contain and does not.
func (h *httpProbe) bodyLacks(r *plan.HTTPReply) (missing []string) {
	for _, o := range h.Opts {
		if o.Body != nil && !strings.Contains(r.Body, o.Body.Value) {
			missing = append(missing, fmt.Sprintf("%q", o.Body.Value))
		}
	}
	return missing
}

// headerLacks is the first thing that a header must have and has not, or "".
func (h *httpProbe) headerLacks(r *plan.HTTPReply) string {
	for _, o := range h.Opts {
		switch {
		case o.Header != nil:
			name := http.CanonicalHeaderKey(o.Header.Name.Value)
			if value, there := r.Header[name]; !there {
				return "its header has no " + name
			} else if !strings.Contains(value, o.Header.Contains.Value) {
				return fmt.Sprintf("its header has %s: %s", name, value)
			}
		case o.Redirect != nil && (!slices.Contains([]int{301, 302, 303, 307, 308}, r.Status) || r.Header["Location"] == ""):
			return "does not redirect"
		case o.Redirect != nil && r.Header["Location"] != o.Redirect.Value:
			return "redirects to " + r.Header["Location"]
		}
	}
	return ""
}

// maxShown is how much of a body a failure shows (bytes).
const maxShown = 300

func bodyBegins(body string) string {
	if strings.TrimSpace(body) == "" {
		return "the body is empty"
	}
	if len(body) > maxShown {
		body = body[:maxShown] + " …"
	}
	body = strings.TrimRight(strings.ToValidUTF8(body, "?"), "\n")
	return "the body begins:\n  " + strings.ReplaceAll(body, "\n", "\n  ")
}

// Explain is curl for each pair.
func (h *httpProbe) Explain(view verb.Lab) []plan.Command {
	list, err := h.asks(context.Background(), &verb.Env{Lab: view}, 0)
	if err != nil {
		return nil
	}
	return spelt(list, func(a ask, host string) []string {
		return []string{"curl", "-i", "http://" + a.to.url.Host(host) + a.to.url.Path()}
	})
}
