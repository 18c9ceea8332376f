package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

func healthCommand() command {
	return command{
		name: "health", short: "ask a running server whether it is well: for a container's health check",
		examples: `
			yingda health
			yingda health -url http://127.0.0.1:9000/readyz`,
		run: runHealth,
	}
}

// healthTimeout is how long a server that is well may take.
const healthTimeout = 3 * time.Second

func runHealth(ctx context.Context, t terminal, s *settings, args []string) (err error) {
	url := s.text("url", "YINGDA_HEALTH_URL", "http://127.0.0.1:8080/healthz", "`URL` of the probe")
	if err := s.parseNone(t, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, *url, http.NoBody)
	if err != nil {
		return usageError{err.Error()}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", *url, res.Status)
	}
	_, err = fmt.Fprintln(t.out, "ok")
	return err
}
