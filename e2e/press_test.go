package e2e

import "testing"

// Everything that is sent on the way from a draft to the archive is sent five times at once under the same Idempotency-Key.
// The journal holds each once: walk finds every event that no answer told of.
func TestWhateverIsSentFiveTimesHappensOnce(t *testing.T) {
	t.Parallel()
	system := start(t)
	s := system.newStory(1)
	s.press = 5
	s.draftNow()
	s.approved().evaluated().closed().disclosed()
}
