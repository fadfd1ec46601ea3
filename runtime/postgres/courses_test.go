package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
)

func TestACourseGetsItsTitleAndVersionsFromImports(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	v := s.publish(tenantID, c.ID)
	require.Equal(t, 1, v.Number, "it is set")
	got, err := s.Course(s.ctx, tenantID, c.ID)
	require.NoError(t, err)
	require.Equal(t, content.Course{ID: c.ID, TenantID: tenantID, Title: "Golf", Latest: 1, CreatedAt: c.CreatedAt}, got)
	stored, err := s.Version(s.ctx, tenantID, c.ID, 1)
	require.NoError(t, err)
	require.Equal(t, v, stored)

	got.Title, got.SuspendDataLimit = "My golf", 100_000
	require.NoError(t, s.UpdateCourse(s.ctx, got))
	s.publish(tenantID, c.ID)
	got, err = s.Course(s.ctx, tenantID, c.ID)
	require.NoError(t, err)
	require.Equal(t, "My golf", got.Title, "a title that a person gave stays")
	require.Equal(t, 2, got.Latest)
	require.Equal(t, 100_000, got.SuspendDataLimit)
	_, err = s.Version(s.ctx, tenantID, c.ID, 3)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
}

func TestPagesGoFromTheNewestToTheOldest(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	var want []string
	for range 7 {
		want = append([]string{s.course(tenantID).ID}, want...)
	}
	var got []string
	p := postgres.Page{Limit: 3}
	for {
		list, err := s.Courses(s.ctx, tenantID, p)
		require.NoError(t, err)
		require.LessOrEqual(t, len(list.Items), 3)
		for _, c := range list.Items {
			got = append(got, c.ID)
		}
		if list.Next == "" {
			break
		}
		p.After = list.Next
		s.course(tenantID) // what comes meanwhile shifts nothing
	}
	require.Equal(t, want, got)

	s.publish(tenantID, want[0])
	s.publish(tenantID, want[0])
	first, err := s.Versions(s.ctx, tenantID, want[0], postgres.Page{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, 2, first.Items[0].Number)
	second, err := s.Versions(s.ctx, tenantID, want[0], postgres.Page{Limit: 1, After: first.Next})
	require.NoError(t, err)
	require.Equal(t, 1, second.Items[0].Number)
	require.Empty(t, second.Next)

	for _, p := range []postgres.Page{{After: "nonsense!"}, {After: "bm9uc2Vuc2U"}, {After: first.Next}, {Limit: 201}, {Limit: -1}} {
		_, err := s.Courses(s.ctx, tenantID, p)
		require.Equal(t, fault.Invalid, fault.CodeOf(err), "%+v: %v", p, err)
	}
	_, err = s.Versions(s.ctx, tenantID, want[0], postgres.Page{After: p.After})
	require.Equal(t, fault.Invalid, fault.CodeOf(err))
}

func TestAnImportIsWorkedOnByOneWorkerAtATime(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	i := content.Import{ID: id(), TenantID: tenantID, CourseID: c.ID, FileName: "Golf (1).zip", State: content.ImportWaiting, CreatedAt: now()}
	require.NoError(t, s.CreateImport(s.ctx, i))
	lease := func(d time.Duration) (content.Import, int64, bool) {
		t.Helper()
		i, token, ok, err := s.LeaseImport(s.ctx, tenantID, i.ID, d)
		require.NoError(t, err)
		return i, token, ok
	}
	_, _, ok := lease(time.Minute)
	require.False(t, ok, "its package is not there yet")
	require.NoError(t, s.QueueImport(s.ctx, tenantID, i.ID))

	stranded := func(before time.Time) bool {
		t.Helper()
		list, err := s.StrandedImports(s.ctx, before, 1000)
		require.NoError(t, err)
		for _, x := range list {
			if x.ID == i.ID {
				require.Equal(t, tenantID, x.TenantID)
				return true
			}
		}
		return false
	}
	require.False(t, stranded(now().Add(-time.Minute)))
	require.True(t, stranded(now().Add(time.Minute)))

	got, first, ok := lease(10 * time.Millisecond)
	require.True(t, ok)
	require.Equal(t, content.ImportRunning, got.State)
	require.Equal(t, 1, got.Attempts)
	require.NoError(t, s.QueueImport(s.ctx, tenantID, i.ID), "queueing again is no error")
	require.Eventually(t, func() bool { return stranded(now().Add(time.Minute)) }, 5*time.Second, 5*time.Millisecond, "its worker died")
	got, second, ok := lease(time.Minute)
	require.True(t, ok)
	require.Equal(t, 2, got.Attempts)
	require.False(t, stranded(now().Add(time.Minute)))
	_, _, ok = lease(time.Minute)
	require.False(t, ok, "somebody has it")

	p := content.Progress{Step: "store", FilesDone: 3, FilesTotal: 9, BytesDone: 1 << 40, BytesTotal: 1 << 41}
	require.Equal(t, fault.Conflict, fault.CodeOf(s.ReportProgress(s.ctx, tenantID, i.ID, first, p, time.Minute)), "the dead one comes back")
	require.NoError(t, s.ReportProgress(s.ctx, tenantID, i.ID, second, p, time.Minute))
	got, err := s.Import(s.ctx, tenantID, i.ID)
	require.NoError(t, err)
	require.Equal(t, p, got.Progress)

	v := content.Version{ContentID: id(), CreatedAt: now()}
	r := content.Report{Findings: []content.Finding{{Severity: content.SeverityWarning, Rule: "x", Message: "y"}}}
	_, err = s.FinishImport(s.ctx, tenantID, i.ID, first, r, &v)
	require.Equal(t, fault.Conflict, fault.CodeOf(err))
	for range 2 {
		n, err := s.FinishImport(s.ctx, tenantID, i.ID, second, r, &v)
		require.NoError(t, err)
		require.Equal(t, 1, n, "finishing again is harmless")
	}
	got, err = s.Import(s.ctx, tenantID, i.ID)
	require.NoError(t, err)
	require.Equal(t, content.ImportSucceeded, got.State)
	require.Equal(t, 1, got.Version)
	require.Equal(t, &r, got.Report)
	require.NotNil(t, got.FinishedAt)
	_, _, ok = lease(time.Minute)
	require.False(t, ok)
}

func TestARefusedImportLeavesTheCourseAsItWas(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	c, err := s.Course(s.ctx, tenantID, c.ID)
	require.NoError(t, err)
	importID, token := s.leased(tenantID, c.ID)
	n, err := s.FinishImport(s.ctx, tenantID, importID, token, content.Report{}, nil)
	require.NoError(t, err)
	require.Zero(t, n)
	list, err := s.Imports(s.ctx, tenantID, postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, content.ImportFailed, list.Items[0].State)
	got, err := s.Course(s.ctx, tenantID, c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
}

func TestAnAbandonedImportIsForgottenWithItsCourse(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	begin := func() content.Import {
		c := s.course(tenantID)
		i := content.Import{ID: id(), TenantID: tenantID, CourseID: c.ID, FileName: "x.zip", CreatedAt: now().AddDate(-1, 0, 0)}
		require.NoError(t, s.CreateImport(s.ctx, i))
		return i
	}
	abandoned, late := begin(), begin()
	list, err := s.AbandonedImports(s.ctx, now().AddDate(0, -11, 0), 100)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.NoError(t, s.QueueImport(s.ctx, tenantID, late.ID))
	for _, i := range list {
		require.NoError(t, s.ForgetImport(s.ctx, tenantID, i.ID))
	}
	_, err = s.Course(s.ctx, tenantID, abandoned.CourseID)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	_, err = s.Import(s.ctx, tenantID, abandoned.ID)
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	_, err = s.Course(s.ctx, tenantID, late.CourseID)
	require.NoError(t, err, "its package came after all")
}
