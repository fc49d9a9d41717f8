package notify

import (
	"cmp"
	"net/netip"
	"strconv"
	"time"

	"github.com/outguard/outguard/internal/awsname"
)

// ASFF returns a as a finding in the AWS Security Finding Format. Its JSON is what Security Hub's
// BatchImportFindings takes. Equal violations of a function have the same Id, so a later one
// updates the finding. To import it, the alert must have Region and Account.
func (a Alert) ASFF() map[string]any {
	a = a.Clean()
	// A violation with the verdict "log" was never meant for a person: LOW.
	severity := map[string]string{"block": "HIGH", "alert": "MEDIUM"}[a.Verdict]
	partition := awsname.PartitionOf(a.Region)
	return compact(map[string]any{
		// The Id has the region and the account, because one administrator's Security Hub collects
		// the findings of many.
		"SchemaVersion": "2018-10-08",
		"Id":            "outguard/" + a.Region + "/" + a.Account + "/" + a.Function + "/" + a.Fingerprint,
		"ProductArn":    "arn:" + partition + ":securityhub:" + a.Region + ":" + a.Account + ":product/" + a.Account + "/default",
		"ProductName":   "Outguard", "CompanyName": "Outguard",
		"GeneratorId":  "outguard/" + cmp.Or(a.Rule, a.List, a.Call.Kind),
		"AwsAccountId": a.Account,
		"Region":       a.Region,
		"Types":        []string{"Unusual Behaviors/Serverless"},
		"CreatedAt":    a.first().Format(time.RFC3339Nano), "UpdatedAt": a.Time.Format(time.RFC3339Nano),
		"FirstObservedAt": a.first().Format(time.RFC3339Nano), "LastObservedAt": a.Time.Format(time.RFC3339Nano),
		"Severity":    map[string]string{"Label": cmp.Or(severity, "LOW"), "Original": a.Verdict},
		"Title":       cut(headline(a), 256),
		"Description": cut(cmp.Or(a.Reason, headline(a)), 1024),
		"Resources": []any{compact(map[string]any{
			"Type": "AwsLambdaFunction", "Id": a.functionARN(), "Partition": partition, "Region": a.Region,
			"Details": map[string]any{"AwsLambdaFunction": compact(map[string]any{"FunctionName": a.Function, "Version": a.Version})},
		})},
		"Action":        a.asffAction(),
		"Network":       a.asffNetwork(),
		"Workflow":      map[string]string{"Status": "NEW"},
		"RecordState":   "ACTIVE",
		"ProductFields": a.asffFields(),
	})
}

// asffAction returns what was tried. It is nil if the call shows neither an operation nor a port.
func (a Alert) asffAction() map[string]any {
	if a.Call.Kind == "aws" {
		return map[string]any{"ActionType": "AWS_API_CALL", "AwsApiCallAction": map[string]any{"Api": a.Call.Operation, "ServiceName": a.Call.Service}}
	}
	_, port := a.Call.destination()
	if port == 0 {
		return nil
	}
	return map[string]any{"ActionType": "NETWORK_CONNECTION", "NetworkConnectionAction": map[string]any{
		"ConnectionDirection": "OUTBOUND", "Blocked": a.Verdict == "block", "Protocol": "TCP", "RemotePortDetails": map[string]any{"Port": port},
	}}
}

// asffNetwork returns where the call went; nil if the alert does not show that.
func (a Alert) asffNetwork() map[string]any {
	host, port := a.Call.destination()
	if host == "" {
		return nil
	}
	network := map[string]any{"Direction": "OUT", "Protocol": "TCP", "DestinationPort": port}
	switch ip, err := netip.ParseAddr(host); {
	// A name and each family of addresses have fields of their own.
	case err != nil:
		network["DestinationDomain"] = host
	case ip.Is4():
		network["DestinationIpV4"] = host
	default:
		network["DestinationIpV6"] = host
	}
	return compact(network)
}

// asffFields returns the alert's own fields. Security Hub shows and searches them as text.
func (a Alert) asffFields() map[string]string {
	// Security Hub refuses a whole finding for one text that is too long.
	fields := map[string]string{}
	for name, value := range map[string]string{
		"call": a.Call.String(), "stage": a.Stage, "list": a.List, "rule": a.Rule, "place": a.Place, "policy": a.Policy, "owner": a.Owner,
		"caller": a.Caller, "request_id": a.RequestID, "count": strconv.Itoa(a.Count), "allow": a.Allow,
	} {
		if value != "" {
			fields["outguard/"+name] = cut(value, 1024)
		}
	}
	return fields
}

// first returns when the violations began that a reports.
func (a Alert) first() time.Time {
	if a.IsSum() {
		return a.Since
	}
	return a.Time
}

// functionARN returns the function's ARN, with the alias that was invoked, if any.
func (a Alert) functionARN() string {
	arn := "arn:" + awsname.PartitionOf(a.Region) + ":lambda:" + a.Region + ":" + a.Account + ":function:" + a.Function
	if a.Alias != "" {
		arn += ":" + a.Alias
	}
	return arn
}
