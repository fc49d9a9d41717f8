package roles

import (
	"path"
	"strings"
)

// platform are statements of execution roles that Lambda and its agents need, and no code of a
// function: a prefix, globs over actions in lower case, and who calls them.
var platform = [...]struct{ prefix, actions, why string }{
	{"logs", "createloggroup createlogstream putlogevents", "Lambda writes the function's log; code that writes to a log group of its own needs a rule with that group"},
	{"ec2", "createnetworkinterface deletenetworkinterface describenetworkinterfaces detachnetworkinterface assignprivateipaddresses unassignprivateipaddresses", "Lambda calls it to attach the function to its VPC"},
	{"xray", "puttracesegments puttelemetryrecords getsampling*", "the X-Ray daemon calls it"},
}

// byPlatform says who calls an action in the place of the function's code; "" if the code does.
// Writing a log and describing network interfaces also occur in code: they count as the platform's
// on every resource, or on the log groups of functions.
func byPlatform(prefix, action string, st *statement) string {
	for _, p := range platform {
		if p.prefix != prefix {
			continue
		}
		for glob := range strings.FieldsSeq(p.actions) {
			// An action with a glob of its own, such as logs:Put*, matches none of them: the code
			// may need it.
			if ok, _ := path.Match(glob, strings.ToLower(action)); !ok {
				continue
			}
			if prefix == "logs" {
				// Lambda writes to log groups of its own below /aws/lambda, as in
				// arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/orders:*. A statement
				// about another group is there for the code.
				for _, r := range st.resources {
					name := afterColons(r, 5)
					if r != "*" && !strings.HasPrefix(name, "*") && !strings.HasPrefix(name, "log-group:*") && !strings.HasPrefix(name, "log-group:/aws/lambda") {
						return ""
					}
				}
			}
			return p.why
		}
	}
	return ""
}

// afterColons returns what follows the n-th colon; "" if there are fewer.
func afterColons(s string, n int) string {
	for range n {
		i := strings.IndexByte(s, ':')
		if i < 0 {
			return ""
		}
		s = s[i+1:]
	}
	return s
}

// managedPolicies are AWS's managed policies that execution roles use most: the actions that they
// allow on every resource; - if Lambda alone needs them. They are as AWS documents them, in its
// AWS Managed Policy Reference Guide.
const managedPolicies = `
AWSLambdaBasicExecutionRole -
AWSLambdaVPCAccessExecutionRole -
AWSLambdaENIManagementAccess -
AWSLambdaSQSQueueExecutionRole -
AWSLambdaKinesisExecutionRole -
AWSLambdaDynamoDBExecutionRole -
AWSLambdaMSKExecutionRole -
AWSXRayDaemonWriteAccess -
AWSXrayWriteOnlyAccess -
CloudWatchLambdaInsightsExecutionRolePolicy -
AWSLambdaRole lambda:InvokeFunction
AmazonKinesisFullAccess kinesis:*
AmazonS3FullAccess s3:* s3-object-lambda:*
AmazonS3ReadOnlyAccess s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*
AmazonSESFullAccess ses:*
AmazonSNSFullAccess sns:*
AmazonSQSFullAccess sqs:*
AmazonSSMReadOnlyAccess ssm:Describe* ssm:Get* ssm:List*
`

// managed adds what a managed policy grants, by its name or ARN.
func (r *Reader) managed(f *function, text string) {
	name := text[strings.LastIndexByte(text, '/')+1:]
	if strings.Contains(text, ":") && !strings.HasPrefix(afterColons(text, 4), "aws:policy/") {
		// AWS's own policies have aws in the place of the account:
		// arn:aws:iam::aws:policy/AmazonS3FullAccess. A text without a colon is a name, as in SAM's
		// Policies: AmazonS3FullAccess.
		r.leave(f.name, readableText(text), "the policy is not in the file; give what aws iam get-policy-version prints for it to -from, with -function")
		return
	}
	for line := range strings.Lines(managedPolicies) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != name {
			continue
		}
		if fields[1] == "-" {
			r.uncalled(f.name, name, "Lambda and its agents need it, and no code calls it")
			return
		}
		f.statements = append(f.statements, statement{from: name, actions: fields[1:], resources: []string{"*"}})
		return
	}
	r.leave(f.name, readableText(name), "what this managed policy of AWS allows is not known here; give what aws iam get-policy-version prints for it to -from, with -function")
}

// readableText returns a text for people.
func readableText(s string) string {
	return shorten(strings.NewReplacer(ownRegion, "${region}", ownAccount, "${account}", ownPartition, "aws").Replace(s))
}
