package mask

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The version of a package is not a token, and hides none.
func TestVersionsOfPackages(t *testing.T) {
	for _, name := range []string{
		"client-s3-3.600.0.tgz", "client-s3-3.600.0", "react-dom-18.3.1.tgz", "lodash-4.17.21.tgz", "boto3-1.34.131-py3-none-any.whl", "v2.15.0.zip", "app-2026.11.28.tar.gz", "s3-2.4.1.jar",
		"terraform_1.8.5_linux_amd64.zip", "aws-lambda-go@v1.47.0", "react-dom@18.3.1", "node-v20.15.0-linux-x64.tar.xz",
	} {
		url := "https://packages.example.org/" + name
		assert.Equal(t, url, URL(url))
		assert.Equal(t, "GET "+url, Text("GET "+url))
	}
	const secret = "q7Zx2mKp9RtW4vBn8LsD"
	for _, name := range []string{
		secret + "-3.600.0.tgz", "app-1.2.3-" + secret, "app_v1.2.3_" + secret + ".zip", secret + "@v1.2.3", "me@example.com", "card-4111.1111.1111.1111", "pw@10.0.0.1",
		"tel:+49-30-1234.5678", "+49-30-1234.5678", "me:hunter2@10.1.3",
	} {
		masked := URL("https://packages.example.org/" + name)
		assert.Contains(t, masked, Masked, name)
		assert.NotContains(t, masked, secret, name)
		assert.Equal(t, masked, URL(masked), name)
	}
}
