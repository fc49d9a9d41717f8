package notify

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const batchAnswer = `<?xml version="1.0"?>
<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishBatchResult>
    <Failed>
      <member><Id>m1</Id><Code>InternalError</Code><Message>a &lt;b&gt;</Message><SenderFault>false</SenderFault></member>
      <member><SenderFault>true</SenderFault><Code>InvalidParameter</Code><Id>m3</Id></member>
      <member><Id>m4</Id></member>
    </Failed>
    <Successful>
      <member><MessageId>x0</MessageId><Id>m0</Id></member>
      <member><Id>m2</Id><MessageId>x2</MessageId><SequenceNumber>1</SequenceNumber></member>
      <member><Id>m5</Id><MessageId/></member>
    </Successful>
  </PublishBatchResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</PublishBatchResponse>`

func TestReadBatchPublished(t *testing.T) {
	assert.Equal(t, snsResponse{
		map[string]bool{"m0": true, "m2": true, "m5": false},
		map[string]snsFault{"m1": {"InternalError", false}, "m3": {"InvalidParameter", true}, "m4": {"", false}},
	}, readBatchPublished([]byte(batchAnswer)))
}

// A response that was cut confirms nothing that the whole one does not.
func TestReadBatchPublishedCut(t *testing.T) {
	for n := range batchAnswer {
		got := readBatchPublished([]byte(batchAnswer[:n]))
		assert.False(t, got.published["m5"] || got.published["m1"] || got.published["m3"])
		for id, f := range got.failed {
			assert.Equal(t, readBatchPublished([]byte(batchAnswer)).failed[id], f)
		}
	}
}

// leaves are all elements with their text, by encoding/xml; false if that refuses the text.
func leaves(text string) (all []string, ok bool) {
	var open []string
	var content strings.Builder
	leaf := false
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all, len(open) == 0
		} else if err != nil {
			return all, false
		}
		switch token := token.(type) {
		case xml.StartElement:
			open, leaf = append(open, token.Name.Local), true
			content.Reset()
		case xml.CharData:
			content.Write(token)
		case xml.EndElement:
			if !leaf {
				content.Reset()
			}
			all = append(all, strings.Join(open, "/")+"="+content.String())
			open, leaf = open[:len(open)-1], false
			content.Reset()
		}
	}
}

// FuzzWalkXML holds that what walkXML reads of a text that encoding/xml reads, that reads too, as
// long as the text has no references, sections or comments.
func FuzzWalkXML(f *testing.F) {
	for _, s := range []string{
		batchAnswer, "<a><b>1</b><b/></a>", "<a>1<b>2</b>3</a>", `<a x="1"><b y='>'>1</b></a>`, "<a", "<a></b>", "</a>", "<a><!-- </a> --></a>", "<html><br></html>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got []string
		walkXML(text, func(path, content string) { got = append(got, path+"="+content) })
		want, ok := leaves(text)
		if !ok || strings.ContainsAny(text, "&!'\"\r:") {
			return
		}
		at := 0
		for _, leaf := range got {
			for at < len(want) && want[at] != leaf {
				at++
			}
			if at == len(want) {
				t.Fatalf("%q is not among %q of %q", leaf, want, text)
			}
			at++
		}
	})
}
