package awsops

import "strings"

// byID lists, by prefix, the best known of the operations that go by an id which does not show the
// resource that IAM asks for: nothing in their input says whose it is. [Find] knows all of them.
// An example is athena:GetQueryResults, whose id shows neither the workgroup nor the database.
const byID = `
athena: BatchGetNamedQuery BatchGetQueryExecution DeleteNamedQuery GetCalculationExecution GetNamedQuery GetQueryExecution GetQueryResults GetQueryRuntimeStatistics GetSession GetSessionStatus StopQueryExecution TerminateSession UpdateNamedQuery
dynamodb: GetRecords
execute-api: DeleteConnection GetConnection ManageConnections PostToConnection
kinesis: GetRecords
logs: DescribeQueries GetQueryResults StopQuery
neptune-db: DeleteDataViaQuery ExecuteGremlinQuery ExecuteOpenCypherQuery GetLoaderJobStatus GetPropertygraphStream GetStreamRecords ReadDataViaQuery WriteDataViaQuery
redshift-data: CancelStatement DescribeStatement GetStatementResult GetStatementResultV2
states: SendTaskFailure SendTaskHeartbeat SendTaskSuccess
textract: GetDocumentAnalysis GetDocumentTextDetection GetExpenseAnalysis GetLendingAnalysis GetLendingAnalysisSummary
timestream: CancelQuery PrepareQuery Query
`

// ByID returns the best known of the operations that match a name or a glob and go by an id that
// does not show which resource they touch. A whitelist rule with resources: never matches them,
// unless their input has an ARN beside the id. Case does not matter.
func ByID(prefix string, matches func(operation string) bool) (operations []string) {
	for name := range strings.FieldsSeq(bestKnown(prefix)) {
		if matches(strings.ToLower(name)) {
			operations = append(operations, name)
		}
	}
	return operations
}

// bestKnown returns the operations of a service in byID.
func bestKnown(prefix string) (list string) {
	// The list begins and ends with a newline, so that each line is found by what is before it.
	_, list, _ = strings.Cut(byID, "\n"+prefix+":")
	list, _, _ = strings.Cut(list, "\n")
	return list
}

// GoesByID reports whether an operation goes by an id that does not show which resource it touches.
func GoesByID(prefix, operation string) bool {
	// The tables come first: they have every operation, and the list the best known ones.
	if e, ok := Find(prefix, operation); ok && e.Never {
		return true
	}
	for name := range strings.FieldsSeq(bestKnown(prefix)) {
		if strings.EqualFold(name, operation) {
			return true
		}
	}
	return false
}
