/**
 * What model servers report to hold in their KV caches: block keys, the exact index of who holds
 * which block, and the events that keep it true.
 */
@NullMarked
package ai.llmd.epp.domain.kvcache;

import org.jspecify.annotations.NullMarked;
