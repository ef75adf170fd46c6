-- Writes that callers keyed by a request id (AIP-155), with the answer each of them got. Kept for ever: a filing may be repeated years later.
CREATE TABLE writes (
    caller      text        NOT NULL, -- request ids are the caller's own: partners/{p}, staff/{s}, services/{s}
    request_id  uuid        NOT NULL,
    method      text        NOT NULL, -- full name of the request message
    body_sha256 bytea       NOT NULL, -- of the request message as it was sent
    response    bytea,                -- the response message; null only inside the transaction that writes
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_writes PRIMARY KEY (caller, request_id)
);
