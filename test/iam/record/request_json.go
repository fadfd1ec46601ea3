package record

import (
	"encoding/json"
	"fmt"
	"strings"
)

// awsJSON has the operation in a header: "AmazonSQS.SendMessage".
func (q request) awsJSON(target string) (request, error) {
	q.operation = target[strings.LastIndexByte(target, '.')+1:]
	if err := json.Unmarshal(q.body, &q.json); err != nil {
		return q, fmt.Errorf("%s:%s: %w", q.service, q.operation, err)
	}
	return q, nil
}
