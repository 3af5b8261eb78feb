/**
 * How the caches of model servers are followed: events, their publishers, what is known of them.
 */
@org.jspecify.annotations.NullMarked
package ai.llmd.epp.application.port.out.kvcache;
