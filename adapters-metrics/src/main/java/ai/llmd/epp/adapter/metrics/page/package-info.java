/** Pages of endpoints, however they are read: how they are fetched, and what takes them in. */
@NullMarked
package ai.llmd.epp.adapter.metrics.page;

import org.jspecify.annotations.NullMarked;
