-- What a subscription was: a row for each version, written where the version is, whoever changes it. The newest hundred are kept.
CREATE TABLE subscription_versions (
    subscription TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    -- As in the subscription: without the values of headers.
    definition TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (subscription, version)
);
INSERT INTO subscription_versions (subscription, version, updated, kind, status, definition, error)
    SELECT id, version, updated, kind, status, definition, error FROM subscriptions;

CREATE FUNCTION subscriptions_keep() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN
        INSERT INTO subscription_versions (subscription, version, updated, kind, status, definition, error)
            VALUES (NEW.id, NEW.version, NEW.updated, NEW.kind, NEW.status, NEW.definition, NEW.error);
        DELETE FROM subscription_versions WHERE subscription = NEW.id AND version <= NEW.version - 100;
        RETURN NULL;
    END';
CREATE FUNCTION subscriptions_forget() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN DELETE FROM subscription_versions WHERE subscription = OLD.id; RETURN NULL; END';
CREATE TRIGGER subscriptions_begin AFTER INSERT ON subscriptions FOR EACH ROW EXECUTE FUNCTION subscriptions_keep();
CREATE TRIGGER subscriptions_change AFTER UPDATE OF version ON subscriptions FOR EACH ROW
    WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION subscriptions_keep();
CREATE TRIGGER subscriptions_end AFTER DELETE ON subscriptions FOR EACH ROW EXECUTE FUNCTION subscriptions_forget();
