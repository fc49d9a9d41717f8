package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/net/publicsuffix"

	"github.com/outguard/outguard/policy"
)

// The short table of package policy agrees with the public suffix list on the suffixes that most
// hosts have: a whitelist refuses a wildcard inside the label before one, and takes it further
// left.
func TestPublicSuffixes(t *testing.T) {
	common := strings.Fields(`com net org io dev app ai cloud de fr nl be ch es it pl se no dk fi eu us ca info biz
		co.uk org.uk ac.uk gov.uk me.uk ltd.uk plc.uk com.au net.au org.au edu.au id.au asn.au co.nz org.nz ac.nz school.nz
		co.jp ne.jp or.jp ac.jp go.jp com.br net.br org.br gov.br co.in net.in org.in gov.in ac.in com.cn net.cn org.cn gov.cn edu.cn
		co.kr or.kr go.kr co.za org.za gov.za com.mx gob.mx com.ar com.co com.sg com.hk com.tw com.tr com.ua com.my com.ph com.vn
		co.il ac.il co.id co.th or.th in.th co.at or.at ac.at gv.at com.pl com.pt com.es com.pe com.ec com.eg com.sa com.ng co.ke
		github.io gitlab.io herokuapp.com netlify.app vercel.app pages.dev workers.dev web.app firebaseapp.com appspot.com 
		fly.dev onrender.com myshopify.com azurewebsites.net cloudfront.net s3.amazonaws.com s3.eu-west-1.amazonaws.com
		execute-api.eu-west-1.amazonaws.com`)
	refused := func(host string) bool {
		_, err := policy.ParseFile("p", fmt.Appendf(nil, "whitelist:\n- http: %q\n", host))
		return err != nil
	}
	for _, suffix := range common {
		got, _ := publicsuffix.PublicSuffix("acme." + suffix)
		assert.Equal(t, suffix, got, "the list has another suffix")
		assert.True(t, refused("acme*."+suffix), "acme*.%s", suffix)
		assert.True(t, refused("*acme."+suffix), "*acme.%s", suffix)
		// A bucket's name may have dots, so anybody can have it with any text there.
		assert.Equal(t, strings.HasPrefix(suffix, "s3."), refused("api-*.acme."+suffix), "api-*.acme.%s", suffix)
	}
	// Domains that are not suffixes: a wildcard before them is the owner's.
	for _, domain := range strings.Fields("example.com example.co.uk acme.github.io stripe.com co.com.example.org amazon.de go.example.com me.example.io") {
		got, _ := publicsuffix.PublicSuffix("x." + domain)
		assert.NotEqual(t, domain, got)
		assert.False(t, refused("api-*."+domain), "api-*.%s", domain)
	}
}
