package main

import (
	"encoding/json"
	"errors"
	"os"
	"sync"

	"terrace/e2e/soak/check"
)

// intentLog is the append-only log of intents: one JSON line for every plan, request and response.
type intentLog struct {
	mutex sync.Mutex
	file  *os.File
	err   error
}

func openIntentLog(path string) (*intentLog, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // in the soak's own folder
	return &intentLog{file: file}, err
}

// write appends a line; close reports any error.
func (l *intentLog) write(line check.Line) {
	text, err := json.Marshal(line)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if err == nil {
		_, err = l.file.Write(append(text, '\n'))
	}
	l.err = errors.Join(l.err, err)
}

func (l *intentLog) close() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return errors.Join(l.err, l.file.Close())
}
