package conversation

import "testing"

func TestTagNamesCoverEveryTag(t *testing.T) {
	if len(tagNames) != tagCount {
		t.Fatalf("tagCount is %d, tagNames has %d", tagCount, len(tagNames))
	}
	if TagConflict != 1<<(tagCount-1) {
		t.Fatalf("the last tag is not bit %d", tagCount-1)
	}
}
