/** Which models the endpoints serve, as they list them themselves. */
@NullMarked
package ai.llmd.epp.adapter.metrics.models;

import org.jspecify.annotations.NullMarked;
