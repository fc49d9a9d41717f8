package e2e

//lint:file-ignore SA1019 the old manager is what most functions use

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
	"github.com/outguard/outguard/policy"
)

// operations returns the names of the operations that were asked about, in order, each once in a
// row.
func (g *fakeGuard) operations() []string {
	var names []string
	for _, c := range g.seen(policy.ViaSDK) {
		names = append(names, c.AWS.Operation)
	}
	return slices.Compact(names)
}

func refuseOperation(name string) func(policy.Call) bool {
	return func(c policy.Call) bool { return c.AWS.Operation == name }
}

// fakeS3 returns a client of an S3 in this process that has one bucket.
func fakeS3(t *testing.T, g *fakeGuard) *s3.Client {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("receipts"))
	s := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(s.Close)
	return s3.NewFromConfig(config(s.URL, awsmiddleware.New(g)), func(o *s3.Options) { o.UsePathStyle = true })
}

func TestTheS3ManagersCallsAreSeen(t *testing.T) {
	g := &fakeGuard{}
	client := fakeS3(t, g)
	data := bytes.Repeat([]byte("x"), 11<<20)
	upload := func() error {
		_, err := manager.NewUploader(client, func(u *manager.Uploader) { u.Concurrency = 1 }).Upload(context.Background(),
			&s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String("big"), Body: bytes.NewReader(data)})
		return err
	}
	require.NoError(t, upload())
	assert.Equal(t, []string{"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}, g.operations())

	g.calls = nil
	buf := manager.NewWriteAtBuffer(nil)
	_, err := manager.NewDownloader(client, func(d *manager.Downloader) { d.Concurrency = 1 }).Download(context.Background(), buf,
		&s3.GetObjectInput{Bucket: aws.String("receipts"), Key: aws.String("big")})
	require.NoError(t, err)
	assert.Equal(t, data, buf.Bytes())
	assert.Equal(t, []string{"GetObject"}, g.operations())

	g.calls, g.refuse = nil, refuseOperation("UploadPart")
	assertRefused(t, upload())
	assert.Equal(t, []string{"CreateMultipartUpload", "UploadPart", "AbortMultipartUpload"}, g.operations(), "and the upload is given up")

	g.calls, g.refuse = nil, refuseOperation("HeadBucket")
	_, err = manager.GetBucketRegion(context.Background(), client, "receipts")
	assertRefused(t, err)
	assert.Equal(t, []string{"HeadBucket"}, g.operations())
}

func TestEveryPageIsACall(t *testing.T) {
	g := &fakeGuard{}
	client := fakeS3(t, g)
	for i := range 5 {
		_, err := client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("receipts"), Key: aws.String(strconv.Itoa(i)), Body: strings.NewReader("x")})
		require.NoError(t, err)
	}
	g.calls = nil
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String("receipts"), MaxKeys: aws.Int32(2)})
	n := 0
	for pages.HasMorePages() {
		if n == 2 {
			g.refuse = refuseOperation("ListObjectsV2")
		}
		page, err := pages.NextPage(context.Background())
		if n == 2 {
			assertRefused(t, err)
			break
		}
		require.NoError(t, err)
		assert.Len(t, page.Contents, 2)
		n++
	}
	assert.Len(t, g.seen(policy.ViaSDK), 3)
}

// A bucket of S3 Express is opened by CreateSession, whose key then signs; it is not the caller's
// and shows no account.
func TestS3Express(t *testing.T) {
	session := `<CreateSessionResult><Credentials><AccessKeyId>` + foreignKey + `</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
		`<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>`
	sent := &recorder{respond: func(n int) (int, string) {
		if n == 0 {
			return http.StatusOK, session
		}
		return http.StatusOK, ""
	}}
	g := &fakeGuard{}
	client := s3.NewFromConfig(config("", awsmiddleware.New(g)), func(o *s3.Options) { o.HTTPClient = sent })
	get := func(client *s3.Client) error {
		out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("receipts--euw1-az1--x-s3"), Key: aws.String("k")})
		if err == nil {
			_, _ = io.Copy(io.Discard, out.Body)
			_ = out.Body.Close()
		}
		return err
	}
	require.NoError(t, get(client))
	assert.Equal(t, []string{"GetObject", "CreateSession"}, g.operations())
	wire := g.seen(policy.ViaWire)
	require.Len(t, wire, 2)
	assert.Equal(t, []string{"CreateSession", "GetObject"}, []string{wire[0].AWS.Operation, wire[1].AWS.Operation})
	assert.Equal(t, []string{"111122223333", ""}, []string{wire[0].AWS.Account, wire[1].AWS.Account})
	assert.Equal(t, "receipts--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com", wire[1].HTTP.URL.Host)

	refusing := &fakeGuard{refuse: refuseOperation("CreateSession")}
	fresh := s3.NewFromConfig(config("", awsmiddleware.New(refusing)), func(o *s3.Options) { o.HTTPClient = sent })
	assert.ErrorContains(t, get(fresh), "refused", "the SDK keeps the text of this error alone")
	assert.Len(t, refusing.calls, 2, "and does not try again")
	assert.Len(t, sent.requests(), 2)
}
