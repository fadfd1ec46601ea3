package launch_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
)

// host is where a course is played.
const host = "x.play.learn.example.com"

var (
	now       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	secret    = bytes.Repeat([]byte("s"), 64)
	following = bytes.Repeat([]byte("n"), 64)
)

func keys(t *testing.T, current, previous []byte) *launch.Keys {
	t.Helper()
	k, err := launch.NewKeys(current, previous)
	require.NoError(t, err)
	return k
}

func session() launch.Session {
	return launch.Session{
		LaunchID: uuid.NewString(), TenantID: "acme", AttemptID: uuid.NewString(), Fence: 7, Mode: launch.ModeNormal,
		ExpiresAt: now.Add(launch.SessionLife),
	}
}

func TestWhatIsSignedComesBack(t *testing.T) {
	k := keys(t, secret, nil)
	id := uuid.NewString()
	tenant, launchID, err := k.CheckLink(k.SignLink("acme", id, now.Add(launch.LinkLife)), now)
	require.NoError(t, err)
	require.Equal(t, []string{"acme", id}, []string{tenant, launchID})

	s := session()
	got, err := k.CheckSession(k.SignSession(s), now)
	require.NoError(t, err)
	require.Equal(t, s, got)

	preview := launch.Session{LaunchID: id, TenantID: "acme", Mode: launch.ModeBrowse, ExpiresAt: now.Add(time.Hour)}
	got, err = k.CheckSession(k.SignSession(preview), now)
	require.NoError(t, err)
	require.Equal(t, preview, got)

	require.NoError(t, k.CheckGrant(k.SignGrant(host, "acme", id, now.Add(time.Hour)), host, "acme", id, now))
}

func TestTokensFitInAURL(t *testing.T) {
	k := keys(t, secret, nil)
	s := session()
	s.TenantID, s.Fence = strings.Repeat("t", 63), 1<<40
	for _, token := range []string{k.SignLink(s.TenantID, s.LaunchID, s.ExpiresAt), k.SignSession(s), k.SignCommit(s), k.SignGrant(host, s.TenantID, s.LaunchID, s.ExpiresAt)} {
		require.Less(t, len(token), 300)
		require.Regexp(t, `^[A-Za-z0-9._-]+$`, token)
	}
}

func TestAnExpiredTokenIsGone(t *testing.T) {
	k := keys(t, secret, nil)
	_, _, err := k.CheckLink(k.SignLink("acme", "l", now), now)
	require.Equal(t, fault.Gone, fault.CodeOf(err))
	require.Equal(t, fault.Gone, fault.CodeOf(k.CheckGrant(k.SignGrant(host, "acme", "c", now), host, "acme", "c", now)))

	s := session()
	token := k.SignSession(s)
	_, err = k.CheckSession(token, s.ExpiresAt.Add(-time.Nanosecond))
	require.NoError(t, err)
	_, err = k.CheckSession(token, s.ExpiresAt)
	require.Equal(t, fault.Gone, fault.CodeOf(err))
}

func TestACommitIsTakenForLateCommitsMore(t *testing.T) {
	k := keys(t, secret, nil)
	s := session()
	for name, token := range map[string]string{"of commits alone": k.SignCommit(s), "of the session": k.SignSession(s)} {
		got, err := k.CheckCommit(token, s.ExpiresAt.Add(launch.LateCommits-time.Second))
		require.NoError(t, err, name)
		require.Equal(t, s, got, name)
		_, err = k.CheckCommit(token, s.ExpiresAt.Add(launch.LateCommits))
		require.Equal(t, fault.Gone, fault.CodeOf(err), name)
	}
}

// Every character of a token counts, and so does its length.
func TestAForgedTokenIsRefused(t *testing.T) {
	k := keys(t, secret, nil)
	link := k.SignLink("acme", uuid.NewString(), now.Add(time.Hour))
	token := k.SignSession(session())
	grant := k.SignGrant(host, "acme", "c", now.Add(time.Hour))
	forgeries := func(good string) []string {
		list := []string{"", ".", "...", "....", good + "x", good + ".", "." + good, good + "\n", " " + good, good[1:], good + good}
		for i := range good {
			list = append(list, good[:i])
			for _, c := range "AbC019-_." {
				if byte(c) != good[i] {
					list = append(list, good[:i]+string(c)+good[i+1:])
				}
			}
		}
		return list
	}
	for _, forged := range forgeries(link) {
		_, _, err := k.CheckLink(forged, now)
		require.Equal(t, fault.Unauthorized, fault.CodeOf(err), forged)
	}
	for _, forged := range forgeries(token) {
		_, err := k.CheckCommit(forged, now)
		require.Equal(t, fault.Unauthorized, fault.CodeOf(err), forged)
	}
	for _, forged := range forgeries(grant) {
		require.Equal(t, fault.Unauthorized, fault.CodeOf(k.CheckGrant(forged, host, "acme", "c", now)), forged)
	}
}

func TestATokenOfAnotherPurposeIsRefused(t *testing.T) {
	k := keys(t, secret, nil)
	link := k.SignLink("acme", "l", now.Add(time.Hour))
	token := k.SignSession(session())
	grant := k.SignGrant(host, "acme", "c", now.Add(time.Hour))
	for _, other := range []string{token, grant, k.SignCommit(session())} {
		_, _, err := k.CheckLink(other, now)
		require.Equal(t, fault.Unauthorized, fault.CodeOf(err))
	}
	for _, other := range []string{link, grant, k.SignCommit(session())} {
		_, err := k.CheckSession(other, now)
		require.Equal(t, fault.Unauthorized, fault.CodeOf(err))
	}
	for _, other := range []string{link, token, k.SignCommit(session())} {
		require.Equal(t, fault.Unauthorized, fault.CodeOf(k.CheckGrant(other, host, "acme", "c", now)))
	}
}

func TestAGrantIsForOneHost(t *testing.T) {
	k := keys(t, secret, nil)
	grant := k.SignGrant(host, "acme", "c1", now.Add(time.Hour))
	require.NoError(t, k.CheckGrant(grant, strings.ToUpper(host), "acme", "c1", now), "names have no case")
	for _, other := range []string{"", "y.play.learn.example.com", host + ":8443", host + ".", "learn.example.com", host + "\nacme"} {
		require.Equal(t, fault.Unauthorized, fault.CodeOf(k.CheckGrant(grant, other, "acme", "c1", now)), other)
	}
}

func TestAGrantIsForOneContentOfOneTenant(t *testing.T) {
	k := keys(t, secret, nil)
	grant := k.SignGrant(host, "acme", "c1", now.Add(time.Hour))
	for _, other := range [][2]string{{"rival", "c1"}, {"acme", "c2"}, {"", "c1"}, {"acme", ""}, {"acme\nc1", ""}, {"acm", "ec1"}} {
		require.Equal(t, fault.Unauthorized, fault.CodeOf(k.CheckGrant(grant, host, other[0], other[1], now)), other)
	}
}

func TestARotatedSecretKeepsWhatThePreviousSigned(t *testing.T) {
	before, after := keys(t, secret, nil), keys(t, following, secret)
	later := keys(t, bytes.Repeat([]byte("l"), 64), following)
	link, grant := before.SignLink("acme", "l", now.Add(time.Hour)), before.SignGrant(host, "acme", "c", now.Add(time.Hour))
	s := session()
	token := before.SignSession(s)

	_, _, err := after.CheckLink(link, now)
	require.NoError(t, err)
	got, err := after.CheckSession(token, now)
	require.NoError(t, err)
	require.Equal(t, s, got)
	require.NoError(t, after.CheckGrant(grant, host, "acme", "c", now))
	require.Equal(t, fault.Gone, fault.CodeOf(after.CheckGrant(grant, host, "acme", "c", now.Add(2*time.Hour))))

	require.NotEqual(t, grant, after.SignGrant(host, "acme", "c", now.Add(time.Hour)), "the new secret signs")
	require.Equal(t, fault.Unauthorized, fault.CodeOf(before.CheckGrant(after.SignGrant(host, "acme", "c", now.Add(time.Hour)), host, "acme", "c", now)))
	require.Equal(t, fault.Unauthorized, fault.CodeOf(later.CheckGrant(grant, host, "acme", "c", now)), "two rotations ago")
}

func TestARotationReachesWhoHoldsTheKeys(t *testing.T) {
	held, fresh := keys(t, secret, nil), keys(t, following, secret)
	before := held.SignGrant(host, "acme", "c", now.Add(time.Hour))
	held.Replace(fresh)
	require.Equal(t, fresh.GrantKeys(), held.GrantKeys())
	require.Equal(t, fresh.SignGrant(host, "acme", "c", now.Add(time.Hour)), held.SignGrant(host, "acme", "c", now.Add(time.Hour)))
	require.NoError(t, held.CheckGrant(before, host, "acme", "c", now))
}

func TestGrantKeysAreThoseGrantsName(t *testing.T) {
	before, after := keys(t, secret, nil), keys(t, following, secret)
	require.Len(t, before.GrantKeys(), 1)
	require.Len(t, after.GrantKeys(), 2)
	require.Equal(t, before.GrantKeys()[0], after.GrantKeys()[1], "the present one first")
	require.Len(t, keys(t, secret, secret).GrantKeys(), 1)

	key := after.GrantKeys()[0]
	require.Regexp(t, `^[0-9a-f]{8}$`, key.ID)
	require.Equal(t, key.ID, strings.Split(after.SignGrant(host, "acme", "c", now), ".")[1])
	value, err := hex.DecodeString(key.Value)
	require.NoError(t, err)
	require.Len(t, value, 32)
}

func TestAShortSecretIsRefused(t *testing.T) {
	_, err := launch.NewKeys(secret[:31], nil)
	require.ErrorContains(t, err, "31 bytes")
	_, err = launch.NewKeys(secret, secret[:31])
	require.ErrorContains(t, err, "previous")
	_, err = launch.NewKeys(nil, secret)
	require.Error(t, err)
}

func TestEachWebhookHasItsOwnSecret(t *testing.T) {
	k := keys(t, secret, following)
	one := k.WebhookSecret("w1", 1)
	require.Len(t, one, 32)
	require.Equal(t, one, keys(t, secret, nil).WebhookSecret("w1", 1))
	for _, other := range [][]byte{k.WebhookSecret("w1", 2), k.WebhookSecret("w2", 1), k.WebhookSecret("w", 11), keys(t, following, nil).WebhookSecret("w1", 1)} {
		require.NotEqual(t, one, other)
	}
}

// Nothing that was not signed is accepted, and whatever is accepted is what was signed.
func FuzzCheck(f *testing.F) {
	k, err := launch.NewKeys(secret, following)
	require.NoError(f, err)
	s := launch.Session{LaunchID: "l", TenantID: "acme", AttemptID: "a", Fence: 1, Mode: launch.ModeNormal, ExpiresAt: now.Add(time.Hour)}
	link, token, commit, grant := k.SignLink("acme", "l", s.ExpiresAt), k.SignSession(s), k.SignCommit(s), k.SignGrant(host, "acme", "c", s.ExpiresAt)
	for _, seed := range []string{link, token, commit, grant, "", "....", "W10.0.00000000.", strings.ToUpper(grant)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := k.CheckLink(text, now); err == nil {
			require.Equal(t, link, text)
		}
		if _, err := k.CheckSession(text, now); err == nil {
			require.Equal(t, token, text)
		}
		if _, err := k.CheckCommit(text, now); err == nil {
			require.Contains(t, []string{token, commit}, text)
		}
		if k.CheckGrant(text, host, "acme", "c", now) == nil {
			require.Equal(t, grant, text)
		}
	})
}
