package ai.llmd.epp.adapter.extproc.rehearsal;

/** A gateway's way to a picker. */
public interface Gateway {

  /** Opens a stream, as a gateway does for a request. */
  GatewayStream open();
}
