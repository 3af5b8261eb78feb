package ai.llmd.epp.replication.batch;

/**
 * The bytes of a batch. All numbers are big-endian. NAME and ENDPOINT are the batch's dictionary:
 * each is numbered from 0 in order of appearance, and later entries refer to it by that number.
 *
 * <pre>
 *   batch    version:1 flags:1 writer:8 sequence:8 openedAtMicros:8 entry*
 *   entry    kind:1 …
 *   NAME     text                                              the next plugin name
 *   ENDPOINT text(namespace) text(name) generation:8           the next endpoint
 *   BLOCKS   name:2 endpoint:2 capacity:4 count:4 hash:8*      blocks that the endpoint holds
 *   LOAD     name:2 endpoint:2 requests:8 tokens:8             the writer's work in flight, absolute
 *   SESSION  name:2 endpoint:2 key:16 epochMillis:8 writer:8   a session's binding
 *   RETRANSMISSION_REQUEST writer:8 from:8 to:8                batches that the writer of this one missed
 *   SNAPSHOT_REQUEST                                           it missed more than can be retransmitted
 *   SNAPSHOT_AVAILABLE                                         it has put a snapshot into the store
 *   PROGRESS writer:8 sequence:8                               in snapshots: includes that writer up to there
 *   CLAIM    length:4 endpoint:2 finding:1 episode:8           what the writer holds against the endpoint
 *   QUEUE    length:4 priority:4 requests:8 bytes:8 rate:8     what the writer has queued in the band, absolute; rate: how many leave in a second
 *   FLOW     length:4 priority:4 requests:8 rate:8 text(id)    the same of one flow
 *   TAKEN_BACK length:4 name:2 endpoint:2 count:4 hash:8*      blocks that the endpoint never got from the writer
 *   OBSERVED length:4 name:2 endpoint:2 kind:1 writer:8 number:8 millis:8 input:8 inFlight:8 running:8
 *            waiting:4 encoderInput:4 encoderMatched:4 kvCache:4 cached:4 computing:4
 *                                                            how long a request of that writer took; decimals from millis on where they may be
 *   CACHE    length:4 name:2 endpoint:2 byte*                  in snapshots: a piece of what the plugin knows of the endpoint's cache by its events
 *   text     length:2 utf-8                                    up to 512 bytes
 *   other    length:4 bytes                                    kinds of versions to come, to be skipped
 * </pre>
 */
final class BatchKind {

  static final byte VERSION = 1;
  static final int HEAD_BYTES = 2 + 3 * Long.BYTES;

  static final byte NAME = 1;
  static final byte ENDPOINT = 2;
  static final byte BLOCKS = 3;
  static final byte LOAD = 4;
  static final byte SESSION = 5;
  static final byte RETRANSMISSION_REQUEST = 6;
  static final byte SNAPSHOT_REQUEST = 7;
  static final byte SNAPSHOT_AVAILABLE = 8;
  static final byte PROGRESS = 9;

  /** Every kind from here on has its length behind it, so that who does not know it can skip it. */
  static final int FIRST_WITH_LENGTH = 10;

  static final byte CLAIM = 10;

  /** Of what this version knows of a claim; later ones may add to it. */
  static final int CLAIM_BYTES = Short.BYTES + 1 + Long.BYTES;

  static final byte QUEUE = 11;

  /** Of what every version with queues knows of one; later ones may add to it, as one did. */
  static final int QUEUE_BYTES = Integer.BYTES + 2 * Long.BYTES;

  static final byte FLOW = 12;

  /** Turns a second; more than any replica gives. */
  static final double MAX_RATE = 1e9;

  /** Tokens that a flow was served; more than any replica serves. */
  static final double MAX_SERVED = 1e15;

  static final byte TAKEN_BACK = 13;

  /** Of it, beside the hashes. */
  static final int TAKEN_BACK_BYTES = 2 * Short.BYTES + Integer.BYTES;

  static final byte OBSERVED = 14;

  /** Of what this version knows of an observation; later ones may add to it. */
  static final int OBSERVED_BYTES =
      2 * Short.BYTES + 1 + 6 * Long.BYTES + 3 * Integer.BYTES + 3 * Float.BYTES;

  static final byte OBSERVED_FIRST_TOKEN = 0;
  static final byte OBSERVED_WHOLE_ANSWER = 1;
  static final byte OBSERVED_FURTHER_TOKENS = 2;

  /** Milliseconds of a day; no request takes longer. */
  static final double MAX_MILLIS = 86_400_000;

  static final byte CACHE = 15;

  static final byte CLAIM_NONE = 0;
  static final byte CLAIM_FAILING = 1;
  static final byte CLAIM_UNREACHABLE = 2;

  static final int MAX_TEXT_BYTES = 512;

  private BatchKind() {}
}
