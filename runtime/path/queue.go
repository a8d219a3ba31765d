package path

import (
	"nsl/runtime/plan"
)

// slow is the rate in bytes a second below which a queue is too slow for the answer to
// come in time.
const slow = 400

// queued is what the queueing disciplines of an interface do with a frame.
func (j *journey) queued(l plan.Link, ingress bool, f frame) End {
	list, err := j.Qdiscs(l.Node)
	if err != nil {
		return nil
	}
	for _, q := range list {
		if q.Dev != l.Name || q.Ingress != ingress {
			continue
		}
		end := Discarded{At: l.Ref(), Qdisc: q, Size: f.size()}
		switch loses, perhaps := discards(q, f.size()); {
		case loses && (q.Root || q.Ingress):
			return end
		case loses || perhaps:
			j.doubts = append(j.doubts, end)
		}
	}
	return nil
}

// discards reports whether a queue drops a frame of a size, or may do so. A size of 0 is
// not known.
func discards(q plan.Qdisc, size int) (loses, perhaps bool) {
	switch {
	case q.Filter:
		return false, true
	case q.Kind == "blackhole", q.Kind == "pfifo" && q.Limit == 0:
		return true, false
	case q.Kind == "bfifo" || q.Kind == "tbf":
		most := q.Limit
		if q.Kind == "tbf" {
			most = min(q.Burst, q.Limit)
		}
		return size > most, size == 0 && most < 100 || q.Kind == "tbf" && q.Rate < slow
	case q.Kind == "netem":
		return q.Loss > 0.999, q.Loss > 0
	}
	return false, q.Dropped > 0 && !q.Ingress
}
