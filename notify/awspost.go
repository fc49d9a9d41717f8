package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/outguard/outguard/internal/awsname"
)

// A jsonService is an AWS service that we ask for one operation by a signed POST. Its SDK module would cost two megabytes and milliseconds of
// every cold start.
type jsonService struct {
	name   string // IAM prefix: the signing name and the first label of the host
	id     string // SDK service id, as in AWS_ENDPOINT_URL_<id>
	target string // X-Amz-Target
}

var (
	putEvents      = jsonService{"events", "EVENTBRIDGE", "AWSEvents.PutEvents"}
	getSecretValue = jsonService{"secretsmanager", "SECRETS_MANAGER", "secretsmanager.GetSecretValue"}
	getParameter   = jsonService{"ssm", "SSM", "AmazonSSM.GetParameter"}
)

// endpoint returns the URL of s, as the SDK would choose it: $AWS_ENDPOINT_URL_<id>, $AWS_ENDPOINT_URL, else the host of
// the region's partition.
func (s jsonService) endpoint(cfg aws.Config, getenv func(string) string) string {
	if !strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		for _, name := range []string{"AWS_ENDPOINT_URL_" + s.id, "AWS_ENDPOINT_URL"} {
			if u := getenv(name); u != "" {
				return u
			}
		}
	}
	fips := strings.EqualFold(getenv("AWS_USE_FIPS_ENDPOINT"), "true")
	return "https://" + awsname.Endpoint(s.name, cfg.Region, fips)
}

// call asks s and reads its JSON answer into out. Its error is an *errTransient if another try is worthwhile.
func (s jsonService) call(ctx context.Context, cfg aws.Config, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.endpoint(cfg, os.Getenv), "/")+"/", strings.NewReader(string(body)))
	if err != nil {
		return errors.New("the endpoint's URL cannot be read")
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", s.target)
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return &errTransient{err: errors.New("no AWS credentials")}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(sum[:]), s.name, cfg.Region, time.Now()); err != nil {
		return errors.New("the request cannot be signed")
	}
	answer, err := cfg.HTTPClient.Do(r)
	if err != nil {
		return &errTransient{err: err}
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if answer.StatusCode/100 != 2 {
		return s.refused(answer, got)
	}
	if err != nil {
		return &errTransient{err: fmt.Errorf("the answer was cut: %w", bare(err))}
	}
	if err := json.Unmarshal(got, out); err != nil {
		return &errTransient{err: errors.New("the answer is no JSON")}
	}
	return nil
}

func (s jsonService) refused(answer *http.Response, body []byte) error {
	var e struct {
		Type string `json:"__type"`
	}
	json.Unmarshal(body, &e) // without a code, the status has to do
	code := apiCode(e.Type[strings.LastIndexByte(e.Type, '#')+1:])
	switch {
	case transientCode(code):
		return &errTransient{errors.New("throttled: " + code), retryAfter(answer.Header.Get("Retry-After"), time.Now())}
	case strings.HasPrefix(code, "AccessDenied"):
		_, operation, _ := strings.Cut(s.target, ".")
		code += ": the function's role does not allow " + s.name + ":" + operation
	}
	return statusError(answer, code)
}
