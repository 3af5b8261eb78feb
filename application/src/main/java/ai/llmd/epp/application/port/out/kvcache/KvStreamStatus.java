package ai.llmd.epp.application.port.out.kvcache;

/**
 * What is known of one publisher of KV-cache events.
 *
 * @param endpoint address and port that it serves requests at
 * @param sinceNanos when it became as complete as it is, in the time of the subscriber's clock
 * @param last number of the last message that was applied; -1 for none
 * @param messages received, whatever came of them, replayed ones included
 * @param gaps times that messages were missing
 * @param restarts times that the publisher began again
 * @param clears times that it said that its cache is empty
 * @param replays times that missing messages were asked for
 * @param failures replays that failed
 * @param late messages that came twice or after later ones, and were dropped
 * @param connections times that there was a connection; 0 where publishers connect to us
 */
public record KvStreamStatus(
    String endpoint,
    Completeness completeness,
    long sinceNanos,
    long last,
    long messages,
    long gaps,
    long restarts,
    long clears,
    long replays,
    long failures,
    long late,
    long connections) {

  /** How much of what an endpoint published is known. */
  public enum Completeness {
    /** Nothing was received yet, what was missed is being asked for, or the connection is lost. */
    CATCHING_UP,
    /** Everything since the endpoint started, or since it cleared its cache. */
    COMPLETE,
    /** Something is missing that could not be had: the index knows too little, or too much. */
    INCOMPLETE
  }
}
