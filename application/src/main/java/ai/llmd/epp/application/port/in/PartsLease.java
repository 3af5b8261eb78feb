package ai.llmd.epp.application.port.in;

/**
 * The use of parts by one stream.
 *
 * @param <P> the parts
 */
public interface PartsLease<P> {

  /** The same at every call. */
  P parts();

  /** The stream is over and uses the parts no more; called once, on its thread. */
  void release();
}
