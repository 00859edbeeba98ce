-- A snooze is one attempt more that a job may have, and not one less that it had: no two attempts have one number, so that
-- an end that is written twice (nobody knew whether the first one was) never ends the attempt after it.
CREATE OR REPLACE FUNCTION platform.finish_job(job uuid, by_worker text, of_attempt int, to_state text, delay_ms bigint,
                                               told text, outcome jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    UPDATE platform.jobs SET
        state = to_state,
        max_attempts = CASE WHEN to_state = 'scheduled' THEN max_attempts + 1 ELSE max_attempts END,
        run_at = CASE WHEN to_state IN ('scheduled', 'retryable') THEN now() + make_interval(secs => delay_ms / 1000.0)
                      ELSE run_at END,
        finished_at = CASE WHEN to_state IN ('completed', 'cancelled', 'discarded') THEN now() END,
        progress = CASE WHEN to_state = 'completed' THEN 1 ELSE progress END,
        errors = CASE WHEN told IS NULL THEN errors ELSE
            jsonb_path_query_array(errors, '$[last - 18 to last]')
            || jsonb_build_object('at', now(), 'attempt', of_attempt, 'message', told) END,
        result = coalesce(outcome, result), lease_until = NULL, worker = NULL
    WHERE organization_id = app.org() AND id = job AND worker = by_worker AND attempt = of_attempt
      AND state = 'executing';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the job is not this worker''s any more' USING ERRCODE = 'VGJ01';
    END IF;
END $$;
