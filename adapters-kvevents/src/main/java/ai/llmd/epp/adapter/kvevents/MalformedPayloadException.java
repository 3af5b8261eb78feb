package ai.llmd.epp.adapter.kvevents;

/** A payload that is not msgpack, or no batch of events; nothing of it was read. */
public final class MalformedPayloadException extends Exception {

  private static final long serialVersionUID = 1;

  MalformedPayloadException(String message) {
    super(message, null, false, false); // without a stack: a publisher may send many of them
  }
}
