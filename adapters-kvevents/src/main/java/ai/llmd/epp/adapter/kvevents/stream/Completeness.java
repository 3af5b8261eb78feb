package ai.llmd.epp.adapter.kvevents.stream;

/** How much of what an endpoint published is known. */
public enum Completeness {
  /** Nothing was received yet, what was missed is being asked for, or the connection is lost. */
  CATCHING_UP,
  /** Everything since the endpoint started, or since it cleared its cache. */
  COMPLETE,
  /** Something is missing that could not be had: the index knows too little, or too much. */
  INCOMPLETE
}
