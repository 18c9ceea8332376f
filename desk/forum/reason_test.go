package forum

import (
	"testing"

	"github.com/yingda/yingda/chat/chattest"
)

// TestReasons walks all that agents may read of what did not arrive in their group.
func TestReasons(t *testing.T) { chattest.CheckReasons(t, ".") }
