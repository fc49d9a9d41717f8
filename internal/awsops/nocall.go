package awsops

import (
	"path"
	"strings"
)

// The actions that no call of the SDK takes, although policies of IAM are full of them. Each line
// has a prefix, globs over the actions, what they stand for, and what to write.
var noCalls = [...]struct{ prefix, actions, what, fix string }{
	{"aoss", "apiaccessall dashboardsaccessall", collectionHost, "write http: with the collection's full host"},
	{"appsync", "graphql eventconnect eventpublish eventsubscribe", ownHost, "write http: with the API's full host"},
	{"appmesh", "streamaggregatedresources", ofAgents, deleteIt},
	{"aps", "remotewrite querymetrics getseries getlabels getmetricmetadata *alertmanagersilence* *alertmanageralert* getalertmanagerstatus listalertmanagerreceivers listalerts listrules", ownHost, "write http: with the workspace's full host and path"},
	{"codecommit", "gitpull gitpush", "stands for Git's requests to the repository's host", "write http: https://git-codecommit.${region}.amazonaws.com/**"},
	{"dsql", "dbconnect*", toDatabase, "write net: with the cluster's host and port 5432"},
	{"ec2messages", "*", ofAgents, deleteIt},
	{"elasticache", "connect", toDatabase, "write net: with the cache's host and port 6379"},
	{"elasticfilesystem", "client*", "is checked by AWS when the file system is mounted, and no code calls it", deleteIt},
	{"es", "eshttp*", "stands for requests to a domain's own host, which no SDK client calls", "write http: with the domain's full host, such as https://${DOMAIN_HOST}/**"},
	{"events", "invokeapidestination", "is checked by AWS when a rule calls its target, and no code calls it", deleteIt},
	{"execute-api", "invoke", ownHost, "write http: with the API's full host, such as https://${API_HOST}/**"},
	{"iam", "passrole", "is checked by AWS when a call hands a role over, and no code calls it", deleteIt},
	{"iot", "connect receive subscribe", "stands for MQTT messages to the account's own host", "write net: with that host and port 8883"},
	{"kafka-cluster", "*", "stands for connections to a cluster's brokers", "write net: with the brokers' hosts and port 9098"},
	{"kinesisvideo", "putmedia connectas*", "stands for requests to a stream's own host, which no SDK client calls", "write http: with the host that GetDataEndpoint or GetSignalingChannelEndpoint returns"},
	{"lambda", "enablereplication* disablereplication*", "is checked by AWS when a distribution copies the function, and no code calls it", deleteIt},
	{"lambda", "invokefunctionurl", ownHost, "write http: with the function URL's full host"},
	{"logs", "*logdelivery listlogdeliveries", "is checked by AWS when the logs of a service are turned on, and no code calls it", deleteIt},
	{"memorydb", "connect", toDatabase, "write net: with the cluster's host and port 6379"},
	{"neptune-db", "connect", "stands for requests to a cluster's own host by any client", "write http: with the cluster's full host and port 8182"},
	{"osis", "ingest", ownHost, "write http: with the pipeline's full host"},
	{"rds-db", "connect", toDatabase, "write net: with the database's host and port"},
	{"s3", "replicate* objectowneroverridetobucketowner *forreplication initiatereplication", "is checked by AWS when it copies objects, and no code calls it", deleteIt},
	{"s3files", "client*", "is checked by AWS when the file system is mounted, and no code calls it", deleteIt},
	{"ssmmessages", "*", ofAgents, deleteIt},
	{"states", "invokehttpendpoint", "is checked by AWS when a state machine calls out, and no code calls it", deleteIt},
	{"sts", "getservicebearertoken", "is checked by AWS when a service gives a token, and no code calls it", deleteIt},
	{"vpc-lattice-svcs", "*", ownHost, "write http: with the service's full host"},
}

// Messages put them behind the action's name.
const (
	ownHost        = "stands for requests to a resource's own host, which no SDK client calls"
	collectionHost = "stands for requests to a collection's own host, which no SDK client calls"
	toDatabase     = "stands for connections to a database, which no SDK client makes"
	ofAgents       = "is called by an agent of AWS's, and not by code"
	deleteIt       = "delete it"
)

// NoCall returns what an action is that no call of the SDK takes, and what to write in its place.
// The action may be a glob, in lower case. what is "" for any other action.
func NoCall(prefix, action string) (what, fix string) {
	for i := range noCalls {
		row := &noCalls[i]
		if row.prefix != prefix {
			continue
		}
		for glob := range strings.FieldsSeq(row.actions) {
			// path.Match lets "*" take anything but a slash, and an action has none; a glob of the
			// author's own is compared as text.
			if ok, _ := path.Match(glob, action); ok || glob == "*" {
				return row.what, row.fix
			}
		}
	}
	return "", ""
}
