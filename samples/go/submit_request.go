// Files a request with Poc and reads its receipt, in Go, from the .proto alone.
//
//	./build.sh
//	POC_API_KEY=poc_... build/submit_request --kind delist --subject subjects/navalny --language en \
//	    --relation third-party --criterion advocacy-of-violence --text "We ask you to ..."
//
// Exit codes: 0 filed, 1 refused, 2 wrong usage, 3 not reachable or over quota: try again with the same --request-id.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	intake "poc/intakev1"
)

var kinds = map[string]intake.RequestKind{
	"designate": intake.RequestKind_REQUEST_KIND_DESIGNATE, "delist": intake.RequestKind_REQUEST_KIND_DELIST,
	"reconsider": intake.RequestKind_REQUEST_KIND_RECONSIDER, "evidence": intake.RequestKind_REQUEST_KIND_EVIDENCE,
}

var relations = map[string]intake.Relation{
	"consent": intake.Relation_RELATION_CONSENT, "counsel": intake.Relation_RELATION_COUNSEL,
	"family": intake.Relation_RELATION_FAMILY, "third-party": intake.Relation_RELATION_THIRD_PARTY,
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string         { return strings.Join(*l, ",") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func newUUID() string {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func retryable(code codes.Code) bool {
	return code == codes.Unavailable || code == codes.DeadlineExceeded || code == codes.ResourceExhausted
}

// call calls, and calls again with the very same message while that can help: the request id makes it safe.
func call(attempts int, method func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), "x-api-key", os.Getenv("POC_API_KEY")), 10*time.Second)
		err := method(ctx)
		cancel()
		if err == nil || !retryable(status.Code(err)) || attempt >= attempts {
			return err
		}
		// The server says when to come back; without its word, a little longer each time.
		delay := 200 * time.Millisecond << uint(attempt)
		for _, detail := range status.Convert(err).Details() {
			if retry, ok := detail.(*errdetails.RetryInfo); ok {
				delay = time.Duration(retry.RetryDelay.Seconds)*time.Second + time.Duration(retry.RetryDelay.Nanos)
			}
		}
		time.Sleep(delay)
	}
}

// explain prints the rich error: its reason, and every field that is wrong.
func explain(err error) {
	refusal := status.Convert(err)
	reason, violations := "", []string{}
	for _, detail := range refusal.Details() {
		switch found := detail.(type) {
		case *errdetails.ErrorInfo:
			reason = found.Reason
		case *errdetails.BadRequest:
			for _, violation := range found.FieldViolations {
				violations = append(violations, fmt.Sprintf("  %s: %s\n", violation.Field, violation.Description))
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%s %s: %s\n%s", codeName(refusal.Code()), reason, refusal.Message(), strings.Join(violations, ""))
}

// codeName gives gRPC's own name of a code; Go's differ ("InvalidArgument").
func codeName(code codes.Code) string {
	var name strings.Builder
	for i, letter := range code.String() {
		if i > 0 && letter >= 'A' && letter <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(letter)
	}
	return strings.ToUpper(name.String())
}

func main() {
	address := flag.String("address", "localhost:5101", "Intake's gRPC endpoint")
	requestID := flag.String("request-id", newUUID(), "a UUID, one for each filing; sending it again is safe")
	kind := flag.String("kind", "", "designate, delist, reconsider or evidence; required")
	relation := flag.String("relation", "", "how you stand to the subject: consent, counsel, family or third-party; required")
	subject := flag.String("subject", "", "subjects/<id>; required")
	text := flag.String("text", "", "the request in your own words, any script; required")
	language := flag.String("language", "", "BCP 47 tag of the text, e.g. uk; required")
	attempts := flag.Int("attempts", 5, "tries while the service is not available")
	var links, criteria list
	flag.Var(&links, "link", "may be repeated")
	flag.Var(&criteria, "criterion", "criterion of the protocol it addresses; may be repeated")
	flag.Parse()
	if os.Getenv("POC_API_KEY") == "" {
		fmt.Fprintln(os.Stderr, "no API key: set POC_API_KEY")
		os.Exit(2)
	}
	if kinds[*kind] == 0 || relations[*relation] == 0 || *subject == "" || *text == "" || *language == "" || *attempts < 1 {
		flag.Usage()
		os.Exit(2)
	}

	// In the clear, as the local stack serves it; across a network: grpc.WithTransportCredentials(credentials.NewTLS(nil)).
	connection, err := grpc.Dial(*address, grpc.WithInsecure())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	defer connection.Close()
	service := intake.NewIntakeServiceClient(connection)
	message := &intake.SubmitRequestRequest{RequestId: *requestID, Request: &intake.Request{
		Kind: kinds[*kind], Relation: relations[*relation], Subject: &intake.SubjectReference{Reference: &intake.SubjectReference_Subject{Subject: *subject}},
		Text: *text, Language: *language, Links: links, Criteria: criteria,
	}}
	var filed *intake.SubmitRequestResponse
	var read *intake.GetReceiptResponse
	err = call(*attempts, func(ctx context.Context) (err error) {
		filed, err = service.SubmitRequest(ctx, message)
		return
	})
	if err == nil {
		err = call(*attempts, func(ctx context.Context) (err error) {
			read, err = service.GetReceipt(ctx, &intake.GetReceiptRequest{Name: filed.Receipt.Name})
			return
		})
	}
	if err != nil {
		explain(err)
		if retryable(status.Code(err)) {
			os.Exit(3)
		}
		os.Exit(1)
	}

	receipt := read.Receipt
	fmt.Printf("request:     %s\n", filed.Request.Name)
	fmt.Printf("state:       %s\n", filed.Request.State)
	fmt.Printf("receipt:     %s\n", receipt.Name)
	fmt.Printf("request id:  %s\n", receipt.RequestId)
	fmt.Printf("received at: %s\n", receipt.ReceivedAt.AsTime().Format(time.RFC3339Nano))
	fmt.Printf("text sha256: %s\n", receipt.TextSha256)
}
