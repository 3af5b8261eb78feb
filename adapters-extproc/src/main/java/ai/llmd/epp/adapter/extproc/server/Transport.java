package ai.llmd.epp.adapter.extproc.server;

/** What carries the conversations. Both keep the same rules. */
public enum Transport {
  /** gRPC's own server. */
  GRPC_JAVA,
  /** One made for this service alone, at less than half of the cost. */
  LEAN
}
