package services

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/awscall"
	"github.com/outguard/outguard/internal/awsname"
	"github.com/outguard/outguard/internal/awsops"
)

// changing makes the option of a client's operation that changes its endpoint: of the options'
// type, which each client has its own of.
func changing(op reflect.Value, change func(options reflect.Value)) reflect.Value {
	return reflect.MakeFunc(op.Type().In(2).Elem(), func(args []reflect.Value) []reflect.Value {
		change(args[0].Elem())
		return nil
	})
}

func fips(o reflect.Value) {
	o.FieldByName("EndpointOptions").FieldByName("UseFIPSEndpoint").Set(reflect.ValueOf(aws.FIPSEndpointStateEnabled))
}

func dualStack(o reflect.Value) {
	o.FieldByName("EndpointOptions").FieldByName("UseDualStackEndpoint").Set(reflect.ValueOf(aws.DualStackEndpointStateEnabled))
}

// The endpoint that every client goes to, in the regions of six partitions and in all variants, is
// its service's own and no other's.
func TestEndpointsOfClients(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	variants := map[string]func(reflect.Value){
		"plain": func(reflect.Value) {}, "fips": fips, "dual-stack": dualStack, "fips and dual-stack": func(o reflect.Value) { fips(o); dualStack(o) },
	}
	hosts, prefixes := map[string]string{}, map[string]string{}
	for service := range clients {
		prefixes[service], _ = awsops.Service(service)
	}
	n := 0
	for _, service := range slices.Sorted(maps.Keys(clients)) {
		for _, region := range []string{"eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"} {
			for variant, change := range variants {
				host := sentTo(t, service, region, change)
				if host == "" {
					continue // there is none
				}
				n++
				what := service + " " + region + " " + variant + ": " + host
				e, ok := awscall.ParseEndpoint(host)
				require.True(t, ok, what)
				if e.Region != "" && e.Region != region { // what there is once in a partition
					assert.Contains(t, []string{"us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"}, e.Region, what)
				}
				if e.Region != "" || e.Partition != "aws" { // GovCloud's only endpoint of CloudFront does not name it
					assert.Equal(t, awsname.PartitionOf(region), e.Partition, what)
				}
				for other, prefix := range prefixes {
					_, own := e.Of(other)
					assert.Equal(t, prefix == prefixes[service], own, "%s, of %s", what, other)
				}
				hosts[host] = service
			}
		}
	}
	t.Logf("%d endpoints", n)
	assert.Greater(t, n, 1500)
	for host, service := range hosts {
		notAWS(t, host, service)
	}
}

// sentTo returns the host that a client goes to.
func sentTo(t *testing.T, service, region string, change func(reflect.Value)) string {
	w := &wire{}
	ops := operations(clients[service](w.config(region)))
	for _, name := range slices.Sorted(maps.Keys(ops)) {
		op := ops[name]
		if strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") {
			op.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.New(op.Type().In(1).Elem()), changing(op, change)})
			if w.sent != nil {
				return w.sent.URL.Host
			}
		}
	}
	return ""
}

// notAWS checks that names made after an endpoint, which somebody else can have, are no service's.
func notAWS(t *testing.T, host, service string) {
	label, _, _ := strings.Cut(strings.TrimPrefix(host, "fips."), ".")
	lookalikes := []string{
		host + ".evil.com", "evil" + host, host + "x", host + ".", "evil." + strings.Replace(host, "s3", "s4", 1), strings.Replace(host, ".amazonaws.", ".amazonaws.evil.", 1) + ".evil",
		strings.Replace(host, ".amazonaws.com", ".amazonaws.co", 1) + ".", strings.Replace(host, "amazonaws", "amaz0naws", 1) + ".", host + ".on.aws", host + ".app.aws",
		host + ".s3-website.eu-west-1.amazonaws.com", host + ".s3-website-us-east-1.amazonaws.com", host + ".elb.eu-west-1.amazonaws.com",
		host + ".eu-west-1.elb.amazonaws.com", host + ".compute.amazonaws.com", host + ".execute-api.eu-west-1.amazonaws.com", host + ".cloudfront.net",
		host + ".lambda-url.eu-west-1.on.aws", host + ".vpce-svc-0a1b.eu-west-1.vpce.amazonaws.com", host + ".eu-west-1.rds.amazonaws.com",
		label + "-1234567890.eu-west-1.elb.amazonaws.com", label + "-0a1b.elb.eu-west-1.amazonaws.com", "internal-" + label + "-1.eu-west-1.elb.amazonaws.com",
		label + ".execute-api.eu-west-1.amazonaws.com", label + ".s3-website-us-east-1.amazonaws.com", label + ".s3-website.eu-central-1.amazonaws.com",
		label + ".lambda-url.eu-west-1.on.aws", label + ".eu-west-1.on.aws", label + ".eu-west-1.es.amazonaws.com", label + ".eu-west-1.aoss.amazonaws.com",
		label + ".abc.eu-west-1.rds.amazonaws.com", label + ".0001.euw1.cache.amazonaws.com", label + ".mq.eu-west-1.amazonaws.com", label + ".kafka.eu-west-1.amazonaws.com",
		"vpce-0a1b-2c3d." + label + ".vpce-svc-0a1b.eu-west-1.vpce.amazonaws.com", "vpce-0a1b." + label + ".vpce-svc-0a1b.eu-west-1.vpce.amazonaws.com",
		"vpce-0a1b-2c3d.vpce-svc-0a1b." + label + ".eu-west-1.vpce.amazonaws.com", "ec2-1-2-3-4." + label + ".compute.amazonaws.com",
		"111122223333.dkr.ecr.eu-west-1.amazonaws.com", label + ".eu-west-1.amazonaws.com.evil.com", label + ".eu-west-1.evil.amazonaws.com", label + ".evil.amazonaws.com",
		label + ".eu-west-1.amazonaws.com.cn", label + ".cn-north-1.amazonaws.com", label + ".eu-west-1.amazonaws.eu", label + ".eu-west-1.c2s.ic.gov", label + ".us-iso-east-1.sc2s.sgov.gov",
	}
	for _, name := range lookalikes {
		e, ok := awscall.ParseEndpoint(name)
		if !ok {
			continue
		}
		for _, other := range []string{service, "s3", "sqs", "iot", "opensearch", "lambda"} {
			_, own := e.Of(other)
			assert.False(t, own, "%s, made after %s of %s, is taken for %s", name, host, service, other)
		}
		assert.Empty(t, e.Services(), name)
	}
	// A bucket may have any name, but only S3 answers there.
	for _, name := range []string{label + ".s3.eu-west-1.amazonaws.com", host + ".s3.amazonaws.com", label + ".s3.amazonaws.com"} {
		e, ok := awscall.ParseEndpoint(name)
		require.True(t, ok, name)
		for other := range clients {
			if _, own := e.Of(other); other != "s3" && other != "s3control" {
				assert.False(t, own, "%s is taken for %s", name, other)
			}
		}
	}
}
