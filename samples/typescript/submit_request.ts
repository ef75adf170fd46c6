// Files a request with Poc and reads its receipt, in TypeScript, from the .proto alone.
//
//     npm ci && npm run build
//     POC_API_KEY=poc_... node build/submit_request.js --kind delist --subject subjects/navalny --language en \
//         --relation third-party --criterion advocacy-of-violence --text "We ask you to ..."
//
// Exit codes: 0 filed, 1 refused, 2 wrong usage, 3 not reachable or over quota: try again with the same --request-id.
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import * as grpc from '@grpc/grpc-js';
import * as loader from '@grpc/proto-loader';
import * as protobuf from 'protobufjs';
import type { ProtoGrpcType } from './generated/intake';
import type { IntakeServiceClient } from './generated/poc/intake/v1/IntakeService';
import type { Receipt__Output } from './generated/poc/intake/v1/Receipt';
import type { SubmitRequestResponse__Output } from './generated/poc/intake/v1/SubmitRequestResponse';

const usage = `Files a request with Poc and reads its receipt.

  --kind KIND            designate, delist, reconsider or evidence; required
  --relation RELATION    how you stand to the subject: consent, counsel, family or third-party; required
  --subject NAME         subjects/<id>; required
  --text TEXT            the request in your own words, any script; required
  --language TAG         BCP 47 tag of the text, e.g. uk; required
  --link URL             may be repeated
  --criterion NAME       criterion of the protocol it addresses; may be repeated
  --request-id UUID      one for each filing; sending it again is safe (default: a new one)
  --address HOST:PORT    Intake's gRPC endpoint (default: localhost:5101)
  --attempts N           tries while the service is not available (default: 5)
The API key comes from the environment variable POC_API_KEY.`;

const protos = process.env.POC_PROTOS ?? path.join(__dirname, '../../../src/Poc.Contracts/proto');
const errorDetails = process.env.POC_ERROR_DETAILS ?? path.join(__dirname, '../../error_details.proto');
const includeDirs = [protos, path.join(protos, '../google')];
const retryable = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED, grpc.status.RESOURCE_EXHAUSTED];

interface Details {
  reason: string;
  violations: { field: string; description: string }[];
  retryDelayMs?: number;
}

/** The rich error: what its ErrorInfo, BadRequest and RetryInfo say, as far as they are there. */
function detailsOf(error: grpc.ServiceError): Details {
  const details: Details = { reason: '', violations: [] };
  const types = protobuf.loadSync(errorDetails);
  for (const value of error.metadata?.get('grpc-status-details-bin') ?? []) {
    const status = types.lookupType('google.rpc.Status').decode(value as Buffer) as unknown as { details: { type_url: string; value: Uint8Array }[] };
    for (const any of status.details) {
      const name = any.type_url.split('/').pop()!;
      if (name === 'google.rpc.ErrorInfo') {
        details.reason = (types.lookupType(name).decode(any.value) as unknown as { reason: string }).reason;
      } else if (name === 'google.rpc.BadRequest') {
        details.violations = (types.lookupType(name).decode(any.value) as unknown as { fieldViolations: Details['violations'] }).fieldViolations;
      } else if (name === 'google.rpc.RetryInfo') {
        const delay = types.lookupType(name).toObject(types.lookupType(name).decode(any.value), { longs: Number, defaults: true }).retryDelay as { seconds: number; nanos: number };
        details.retryDelayMs = delay.seconds * 1000 + delay.nanos / 1e6;
      }
    }
  }
  return details;
}

/** Calls, and calls again with the very same message while that can help: the request id makes it safe. */
async function call<T>(attempts: number, method: (deadline: grpc.CallOptions, done: (error: grpc.ServiceError | null, answer?: T) => void) => void): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await new Promise<T>((resolve, reject) => method({ deadline: Date.now() + 10_000 }, (error, answer) => (error ? reject(error) : resolve(answer!))));
    } catch (caught) {
      const error = caught as grpc.ServiceError;
      if (!retryable.includes(error.code) || attempt >= attempts) {
        throw error;
      }
      // The server says when to come back; without its word, a little longer each time.
      const delay = detailsOf(error).retryDelayMs ?? 200 * 2 ** attempt;
      await new Promise(resolve => setTimeout(resolve, delay));
    }
  }
}

function connect(address: string): IntakeServiceClient {
  const types = grpc.loadPackageDefinition(
    loader.loadSync('poc/intake/v1/intake.proto', { includeDirs, keepCase: true, longs: String, enums: String, defaults: true, oneofs: true }),
  ) as unknown as ProtoGrpcType;
  // In the clear, as the local stack serves it; across a network: grpc.credentials.createSsl().
  return new types.poc.intake.v1.IntakeService(address, grpc.credentials.createInsecure());
}

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      kind: text, relation: text, subject: text, text, language: text,
      link: { type: 'string', multiple: true }, criterion: { type: 'string', multiple: true },
      'request-id': text, address: text, attempts: text, help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const kinds = { designate: 'REQUEST_KIND_DESIGNATE', delist: 'REQUEST_KIND_DELIST', reconsider: 'REQUEST_KIND_RECONSIDER', evidence: 'REQUEST_KIND_EVIDENCE' } as const;
  const relations = { consent: 'RELATION_CONSENT', counsel: 'RELATION_COUNSEL', family: 'RELATION_FAMILY', 'third-party': 'RELATION_THIRD_PARTY' } as const;
  const kind = kinds[values.kind as keyof typeof kinds];
  const relation = relations[values.relation as keyof typeof relations];
  const attempts = Number(values.attempts ?? '5');
  if (!kind || !relation || !values.subject || !values.text || !values.language || !(attempts >= 1) || !process.env.POC_API_KEY) {
    console.error(process.env.POC_API_KEY ? usage : `no API key: set POC_API_KEY\n\n${usage}`);
    return 2;
  }

  const metadata = new grpc.Metadata();
  metadata.set('x-api-key', process.env.POC_API_KEY);
  const service = connect(values.address ?? 'localhost:5101');
  try {
    const message = {
      request_id: values['request-id'] ?? randomUUID(),
      request: {
        kind, relation, subject: { subject: values.subject }, text: values.text, language: values.language, links: values.link ?? [], criteria: values.criterion ?? [],
      },
    };
    const filed = await call<SubmitRequestResponse__Output>(attempts, (options, done) => service.SubmitRequest(message, metadata, options, done));
    const { receipt } = await call<{ receipt: Receipt__Output | null }>(attempts, (options, done) => service.GetReceipt({ name: filed.receipt!.name }, metadata, options, done));
    console.log(`request:     ${filed.request!.name}`);
    console.log(`state:       ${filed.request!.state}`);
    console.log(`receipt:     ${receipt!.name}`);
    console.log(`request id:  ${receipt!.request_id}`);
    console.log(`received at: ${new Date(Number(receipt!.received_at!.seconds) * 1000).toISOString()}`);
    console.log(`text sha256: ${receipt!.text_sha256}`);
    return 0;
  } catch (caught) {
    const error = caught as grpc.ServiceError;
    const details = detailsOf(error);
    console.error(`${grpc.status[error.code]} ${details.reason}: ${error.details}`);
    for (const violation of details.violations) {
      console.error(`  ${violation.field}: ${violation.description}`);
    }
    return retryable.includes(error.code) ? 3 : 1;
  } finally {
    service.close();
  }
}

main().then(
  code => (process.exitCode = code),
  problem => {
    console.error(`${(problem as Error).message}\n\n${usage}`);
    process.exitCode = 2;
  },
);
