package api_test

import (
	"io"
	"sync"

	"terrace/domain/place"
)

// locked is a writer that goroutines can share.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// neighbouring is a county of the same city that takes no part in the pilot (静宁县).
var neighbouring = place.Place{Code: "620826", Vintage: 2017, Parent: "620800", Level: place.County, ZH: "静宁县", EN: "Jingning"}
