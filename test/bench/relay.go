package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// relayVerb makes this binary stand between a program and its jsii kernel, which
// jsii allows for with JSII_RUNTIME, and note what passes. So no product code is
// changed for a measurement.
const relayVerb = "relay"

// Call is one request to the kernel. Times are Unix nanoseconds.
type Call struct {
	API string `json:"api"`
	// Name of the class, method or property.
	Name string `json:"name"`
	Sent int64  `json:"sent"`
	Done int64  `json:"done"`
}

// Trace is a whole conversation.
type Trace struct {
	Started int64  `json:"started"`
	Hello   int64  `json:"hello"`
	Calls   []Call `json:"calls"`
}

// relay runs the kernel `args[0] args[1]` and writes the trace to args[2] when the
// program hangs up. Requests and answers are lines and strictly take turns.
func relay(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("relay takes NODE KERNEL TRACE, got %q", args)
	}
	trace := Trace{Started: time.Now().UnixNano()}
	cmd := exec.Command(args[0], args[1])
	cmd.Stderr = os.Stderr
	toKernel, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	fromKernel, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	requests, answers := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewReaderSize(fromKernel, 1<<20)
	if err := pass(answers, os.Stdout, nil); err != nil {
		return fmt.Errorf("waiting for the kernel to start: %w", err)
	}
	trace.Hello = time.Now().UnixNano()
	for {
		var line []byte
		if err := pass(requests, toKernel, &line); err != nil {
			break // the program hung up
		}
		sent := time.Now().UnixNano()
		if err := pass(answers, os.Stdout, nil); err != nil {
			break // that was the request to exit
		}
		trace.Calls = append(trace.Calls, callOf(line, sent, time.Now().UnixNano()))
	}
	_ = toKernel.Close()
	_ = cmd.Wait() // its code is not what is measured
	content, err := json.Marshal(trace)
	if err != nil {
		return err
	}
	return os.WriteFile(args[2], content, 0o644)
}

// pass hands one line on, and to keep if that is not nil.
func pass(from *bufio.Reader, to io.Writer, keep *[]byte) error {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return err
	}
	if keep != nil {
		*keep = line
	}
	_, err = to.Write(line)
	return err
}

func callOf(line []byte, sent, done int64) Call {
	var request struct{ API, FQN, Method, Property, Name string }
	_ = json.Unmarshal(line, &request) // what is not understood is counted without a name
	call := Call{API: request.API, Sent: sent, Done: done}
	for _, name := range []string{request.Method, request.Property, request.FQN, request.Name} {
		if name != "" {
			call.Name = name
			break
		}
	}
	return call
}
