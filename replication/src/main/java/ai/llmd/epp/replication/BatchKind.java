package ai.llmd.epp.replication;

/**
 * The bytes of a batch. All numbers are big-endian.
 *
 * <pre>
 *   batch    version:1 flags:1 writer:8 sequence:8 openedAtMicros:8 entry*
 *   entry    kind:1 …
 *   NAME     text                                              the next name, from 0
 *   ENDPOINT text(namespace) text(name) generation:8           the next endpoint, from 0
 *   BLOCKS   name:2 endpoint:2 capacity:4 count:4 hash:8*
 *   LOAD     name:2 endpoint:2 requests:8 tokens:8
 *   SESSION  name:2 endpoint:2 key:16 epochMillis:8 writer:8
 *   RESEND   writer:8 from:8 to:8
 *   WANTED
 *   READY
 *   PROGRESS writer:8 sequence:8
 *   text     length:2 utf-8
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
  static final byte RESEND = 6;
  static final byte WANTED = 7;
  static final byte READY = 8;
  static final byte PROGRESS = 9;

  private BatchKind() {}
}
