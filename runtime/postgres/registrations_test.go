package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
)

func TestALearnerRegistersForACourseOnce(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	r := registration.Registration{ID: id(), TenantID: tenantID, CourseID: c.ID, Learner: registration.Learner{ID: "jo", Name: "Doe, Jo"}, CreatedAt: now()}
	_, _, err := s.CreateRegistration(s.ctx, r)
	require.Equal(t, fault.Conflict, fault.CodeOf(err), "no version yet: %v", err)
	s.publish(tenantID, c.ID)

	var wg sync.WaitGroup
	created := make([]bool, 8)
	ids := make([]string, len(created))
	for i := range created {
		wg.Go(func() {
			r := r
			r.ID = id()
			out, ok, err := s.CreateRegistration(s.ctx, r)
			if err != nil {
				t.Error(err)
			}
			created[i], ids[i] = ok, out.ID
		})
	}
	wg.Wait()
	n := 0
	for i := range created {
		require.Equal(t, ids[0], ids[i])
		if created[i] {
			n++
		}
	}
	require.Equal(t, 1, n)
	got, err := s.Registration(s.ctx, tenantID, ids[0])
	require.NoError(t, err)
	require.Equal(t, r.Learner, got.Learner)
	list, err := s.Attempts(s.ctx, tenantID, ids[0], postgres.Page{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	require.Equal(t, attempt.Result{Completion: attempt.CompletionNotAttempted, Success: attempt.SuccessUnknown}, list.Items[0].Result)
	require.Equal(t, 1, list.Items[0].Version)
}

func TestANewAttemptIsAtTheLatestVersionAndOldOnesKeepTheirs(t *testing.T) {
	s := sharedStore(t)
	l := s.learner()
	s.publish(l.tenantID, l.courseID)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if a, err := s.CreateAttempt(s.ctx, l.tenantID, l.registrationID); err != nil || a.Version != 2 {
				t.Errorf("%+v %v", a, err)
			}
		})
	}
	wg.Wait()
	list, err := s.Attempts(s.ctx, l.tenantID, l.registrationID, postgres.Page{Limit: 200})
	require.NoError(t, err)
	var numbers []int
	for _, a := range list.Items {
		numbers = append(numbers, a.Number)
	}
	require.Equal(t, []int{5, 4, 3, 2, 1}, numbers)
	require.Equal(t, 1, l.attempt().Version)
}

func TestALinkOpensOnce(t *testing.T) {
	l := sharedStore(t).learner()
	made := l.created(launch.ModeNormal)
	at := now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var opened []launch.Launch
	gone := 0
	for range 10 {
		wg.Go(func() {
			x, err := l.OpenLaunch(l.ctx, l.tenantID, made.ID, at, time.Hour)
			mu.Lock()
			defer mu.Unlock()
			if fault.Is(err, fault.Gone) {
				gone++
			} else if err == nil {
				opened = append(opened, x)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 9, gone)
	require.Len(t, opened, 1)
	made.Fence, made.OpenedAt, made.ExpiresAt = 1, &at, new(at.Add(time.Hour))
	require.Equal(t, made, opened[0])
	require.EqualValues(t, 1, l.attempt().Fence)

	late := l.created(launch.ModeNormal)
	_, err := l.OpenLaunch(l.ctx, l.tenantID, late.ID, late.LinkExpiresAt, time.Hour)
	require.Equal(t, fault.Gone, fault.CodeOf(err))
	_, err = l.OpenLaunch(l.ctx, l.tenantID, noID, at, time.Hour)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))

	review, err := l.OpenLaunch(l.ctx, l.tenantID, l.created(launch.ModeReview).ID, at, time.Hour)
	require.NoError(t, err)
	require.Zero(t, review.Fence)
	require.EqualValues(t, 1, l.attempt().Fence, "a review takes the attempt from nobody")

	list, err := l.Launches(l.ctx, l.tenantID, l.registrationID, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, list.Items, 3)
	require.Equal(t, review, list.Items[0])
}

func TestALaunchIsEndedOnceAndForAll(t *testing.T) {
	l := sharedStore(t).learner()
	made := l.created(launch.ModeNormal)
	open, err := l.OpenLaunch(l.ctx, l.tenantID, made.ID, now(), time.Hour)
	require.NoError(t, err)
	commit := func(sequence int64, final bool) error {
		_, err := l.Commit(l.ctx, attempt.Commit{
			TenantID: l.tenantID, AttemptID: made.AttemptID, LaunchID: made.ID, Fence: open.Fence, Sequence: sequence, ActivityID: fmt.Sprint("a", sequence), Final: final,
		})
		return err
	}
	// After the learner's own end, what is on its way may still arrive.
	require.NoError(t, commit(3, true))
	require.NoError(t, commit(2, false))
	left, err := l.Launch(l.ctx, l.tenantID, made.ID)
	require.NoError(t, err)
	require.NotNil(t, left.EndedAt)

	over, err := l.EndLaunch(l.ctx, l.tenantID, made.ID)
	require.NoError(t, err)
	require.Equal(t, left.EndedAt, over.EndedAt)
	require.Equal(t, fault.Gone, fault.CodeOf(commit(1, false)))
	again, err := l.EndLaunch(l.ctx, l.tenantID, made.ID)
	require.NoError(t, err)
	require.Equal(t, over, again)

	unopened := l.created(launch.ModeNormal)
	_, err = l.EndLaunch(l.ctx, l.tenantID, unopened.ID)
	require.NoError(t, err)
	_, err = l.OpenLaunch(l.ctx, l.tenantID, unopened.ID, now(), time.Hour)
	require.Equal(t, fault.Gone, fault.CodeOf(err))
	require.EqualValues(t, 1, l.attempt().Fence, "nobody was overtaken by it")

	_, err = l.EndLaunch(l.ctx, l.tenant(), made.ID)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
}

func TestAPreviewHasNoRegistration(t *testing.T) {
	l := sharedStore(t).learner()
	x := launch.Launch{ID: id(), TenantID: l.tenantID, CourseID: l.courseID, Version: 1, Mode: launch.ModeBrowse, CreatedAt: now(), LinkExpiresAt: now().Add(time.Minute)}
	require.NoError(t, l.CreateLaunch(l.ctx, x))
	got, err := l.OpenLaunch(l.ctx, l.tenantID, x.ID, now(), time.Hour)
	require.NoError(t, err)
	require.Empty(t, got.AttemptID)
	require.Zero(t, got.Fence)
	x.ID, x.Version = id(), 9
	require.Equal(t, fault.NotFound, fault.CodeOf(l.CreateLaunch(l.ctx, x)))
}
