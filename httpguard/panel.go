package httpguard

import (
	"context"
	"net/http"
	"net/url"

	"github.com/outguard/outguard/internal/judged"
	"github.com/outguard/outguard/policy"
)

// A panel is the guards that judge a request: each of them has to let it pass.
type panel struct {
	one     Guard   // of a Transport
	hasOne  bool    // a Transport without a guard refuses
	several *joined // of the process
}

// has reports whether guard is one of the panel's.
func (p *panel) has(guard any) bool {
	for i := range p.len() {
		if judged.Same(p.at(i), guard) {
			return true
		}
	}
	return false
}

// len returns the number of guards.
func (p *panel) len() int {
	n := len(p.several.installations())
	if p.hasOne {
		n++
	}
	return n
}

func (p *panel) at(i int) Guard {
	if p.hasOne {
		if i == 0 {
			return p.one
		}
		i--
	}
	return p.several.all[i].guard
}

// check asks the guards, but those whose bit is set in done, and returns the first refusal. It
// asks on after one, because each guard reports what its own policy forbids.
func (p *panel) check(ctx context.Context, done uint64, c policy.Call) (refused error) {
	for i := range p.len() {
		if done>>i&1 == 1 {
			continue
		}
		if err := check(ctx, p.at(i), c); err != nil && refused == nil {
			refused = err
		}
	}
	return refused
}

// note notes in m who has judged.
func (p *panel) note(m *judged.Mark, straight bool) {
	switch {
	case !p.hasOne && p.several == nil:
		m.ByAll(nil, straight)
	case p.several == nil:
		m.By(p.one, straight)
	case !p.hasOne:
		m.ByAll(p.several.ids, straight)
	default:
		m.ByAll(append([]any{p.one}, p.several.ids...), straight)
	}
}

// done returns a bit for each guard that has judged r in a layer above. (A guard beyond the 64th
// judges again.)
func (p *panel) done(r *http.Request, above *judged.Mark) (done uint64, err error) {
	if above == nil {
		return 0, nil
	}
	for i := range min(p.len(), 64) {
		g := p.at(i)
		ok := above.Judged(r, g)
		if want := ""; !ok {
			if want = above.Payload(r, g); want != "" {
				if ok, err = hasPayload(r, want); err != nil {
					return 0, err
				}
			}
		}
		if ok {
			done |= 1 << i
		}
	}
	return done, nil
}

// roundTrip judges r and sends a copy by base, or by c, which is the copy of base that l has made.
func (p *panel) roundTrip(base http.RoundTripper, l *lower, c *lowered, r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	above := judged.From(ctx)
	sent, mark := judged.Clone(r)
	proxy, err := p.judge(ctx, above, sent, mark, c)
	if err == nil && proxy != nil {
		m := l.recall(proxy)
		if err = p.check(ctx, 0, policy.Call{Net: m.addr, Via: policy.ViaProxy}); err == nil {
			mark.Through(&m.own, m.addr)
		}
	}
	if err != nil {
		closeBody(r)
		return nil, err
	}
	if above != nil {
		above.SetBelow(p.has)
	}
	if c != nil && c.transport != nil && isHTTP(sent) {
		base = c.transport
	}
	_, straight := base.(*http.Transport)
	p.note(mark, straight)
	defer mark.Void()
	resp, err := base.RoundTrip(sent)
	if resp != nil && resp.Request == sent {
		resp.Request = r
	}
	return resp, err
}

// judge judges sent. It returns the proxy that c has for it. The function is the program's: it gets
// a copy of the request, which it can keep and change as it likes, with the context of r.
func (p *panel) judge(ctx context.Context, above *judged.Mark, sent *http.Request, mark *judged.Mark, c *lowered) (*url.URL, error) {
	var proxy *url.URL
	if c != nil && c.proxy != nil {
		var err error
		asked := sent
		if !c.known {
			asked = sent.Clone(ctx)
		}
		if proxy, err = c.proxyFor(asked); err != nil {
			return nil, err
		}
	}
	done, err := p.done(sent, above)
	if err != nil {
		return nil, err
	}
	if p.len() <= 64 && done == 1<<p.len()-1 {
		return proxy, nil
	}
	if !mark.MayBeAWS() { // its body does not count
		return proxy, p.check(ctx, done, policy.Call{HTTP: sent, Via: policy.ViaTransport})
	}
	kept, err := keepForm(sent)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		mark.Set(sent)
	}
	return proxy, p.check(ctx, done, policy.Call{HTTP: asJudged(sent, kept), Via: policy.ViaTransport})
}
