package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// answers checks that the list of payments agrees with the journal and contains each payment once.
func (c *checker) answers(ctx context.Context) error {
	if c.API == "" {
		return nil
	}
	told := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				ID, Stage, Voucher string
				Fen                int64
			}
			Next string
		}
		if err := c.get(ctx, "/v1/payments?limit=200&cursor="+cursor, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			told[item.ID]++
			p := c.payments[item.ID]
			if p == nil || p.Fen != item.Fen || p.stage() != underWay && string(p.stage()) != item.Stage {
				c.find(Answers, item.ID, "is told as %s of %d fen", item.Stage, item.Fen)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for id := range c.payments {
		if told[id] != 1 {
			c.find(Answers, id, "is listed %d times", told[id])
		}
	}
	return nil
}

// files checks that every accepted upload is known and has the bytes that were sent.
func (c *checker) files(ctx context.Context) error {
	known := map[string]bool{}
	type file struct{ SHA256 string }
	if err := each(ctx, c.record, func(f file) { known[f.SHA256] = true }, `select sha256 from evidence`); err != nil {
		return err
	}
	for key, i := range c.intents {
		for _, s := range i.sent {
			if s.File == "" || !i.answers[s.N].accepted() {
				continue
			}
			c.Counts["files"]++
			if !known[s.File] {
				c.find(Evidence, s.File, "%s was told that it is kept, and it is not", key.Actor)
			} else if err := c.readBack(ctx, s.File); err != nil {
				c.find(Evidence, s.File, "%v", err)
			}
			break
		}
	}
	return nil
}

func (c *checker) readBack(ctx context.Context, sum string) error {
	if c.API == "" {
		return nil
	}
	body, err := c.read(ctx, "/v1/evidence/"+sum)
	if err != nil {
		return err
	}
	if got := sha256.Sum256(body); hex.EncodeToString(got[:]) != sum {
		return fmt.Errorf("has different bytes")
	}
	return nil
}

func (c *checker) get(ctx context.Context, path string, into any) error {
	body, err := c.read(ctx, path)
	if err != nil {
		return err
	}
	return json.NewDecoder(bytes.NewReader(body)).Decode(into)
}

func (c *checker) read(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.API+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", path, response.Status, body)
	}
	return body, err
}
