/**
 * ZMTP, the wire protocol of ZeroMQ (rfc.zeromq.org, 23/ZMTP 3.0 and 37/ZMTP 3.1), over TCP and
 * without encryption: what a subscriber, a publisher and the two ends of a request need.
 */
@org.jspecify.annotations.NullMarked
package ai.llmd.epp.zmtp;
