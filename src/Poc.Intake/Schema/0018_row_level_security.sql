-- Behind the checks of the methods: the transactions of a partner's call run as a role that sees that partner's rows (setting poc.partner) and no others. Without the setting it sees
-- nothing and fails. A table that is not named here is closed to it. As in Review, it does not hold against someone with the service's own password and SQL. The service itself is the
-- owner of the tables (or a superuser), whom policies leave alone.
DO $$
BEGIN
    CREATE ROLE poc_intake_partner NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN -- the role belongs to the server, and another database of it was first
END $$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'poc_intake_partner', 'MEMBER') THEN
        EXECUTE format('GRANT poc_intake_partner TO %I', current_user);
    END IF;
END $$;

-- Rows that name their partner.
GRANT SELECT, INSERT, UPDATE ON requests, attachments, exports TO poc_intake_partner;
GRANT SELECT, INSERT ON imports, campaign_templates TO poc_intake_partner;
GRANT SELECT, INSERT, UPDATE ON import_items TO poc_intake_partner;
GRANT SELECT ON partner_limits, partner_class_limits TO poc_intake_partner;

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['requests', 'attachments', 'exports', 'imports', 'import_items', 'campaign_templates', 'partner_limits', 'partner_class_limits'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY own ON %I TO poc_intake_partner USING (partner_id = current_setting(''poc.partner''))', owned);
    END LOOP;
    -- Of credentials and their use the role sees nothing; without a policy that stays so, whatever it is granted.
    FOREACH owned IN ARRAY ARRAY['api_keys', 'certificates', 'credential_uses', 'campaign_contests', 'partners'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
    END LOOP;
END $$;

-- The answers that a partner's own writes were given.
GRANT SELECT, INSERT, UPDATE ON writes TO poc_intake_partner;
ALTER TABLE writes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON writes TO poc_intake_partner USING (caller = 'partners/' || current_setting('poc.partner'));

-- Rows that belong to one of those. The subquery runs as the role, too: it finds the partner's own only.
GRANT SELECT, INSERT, DELETE ON attachment_chunks TO poc_intake_partner;
ALTER TABLE attachment_chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON attachment_chunks TO poc_intake_partner USING (EXISTS (SELECT 1 FROM attachments AS a WHERE a.id = attachment));

GRANT SELECT, DELETE ON export_chunks TO poc_intake_partner;
ALTER TABLE export_chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON export_chunks TO poc_intake_partner USING (EXISTS (SELECT 1 FROM exports AS e WHERE e.id = export));

GRANT SELECT, INSERT ON sealed_requesters TO poc_intake_partner;
ALTER TABLE sealed_requesters ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sealed_requesters TO poc_intake_partner USING (EXISTS (SELECT 1 FROM requests AS r WHERE r.id = request));

GRANT SELECT ON campaign_members TO poc_intake_partner;
ALTER TABLE campaign_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON campaign_members TO poc_intake_partner USING (EXISTS (SELECT 1 FROM requests AS r WHERE r.id = request));

-- A request and its first state are one statement, in which the request is not yet to be seen: so the state must not be another partner's, and the foreign key says that it is somebody's.
CREATE FUNCTION is_of_another_partner(request uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
    'SELECT EXISTS (SELECT 1 FROM public.requests AS r WHERE r.id = request AND r.partner_id <> current_setting(''poc.partner''))';
GRANT SELECT, INSERT ON request_states TO poc_intake_partner;
ALTER TABLE request_states ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON request_states FOR SELECT TO poc_intake_partner USING (EXISTS (SELECT 1 FROM requests AS r WHERE r.id = request));
CREATE POLICY adding ON request_states FOR INSERT TO poc_intake_partner WITH CHECK (NOT is_of_another_partner(request));

-- Nobody's rows: what campaigns there are, but not who is in them.
GRANT SELECT ON campaigns, campaign_clusters TO poc_intake_partner;

-- Events go out and are not read. The trigger looks at what waits, whoever wrote it.
GRANT INSERT ON outbox TO poc_intake_partner;
ALTER FUNCTION outbox_wake() SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp;
