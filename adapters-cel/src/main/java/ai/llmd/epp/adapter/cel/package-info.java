/**
 * Plugins whose rule is an expression of the Common Expression Language (CEL), as its specification
 * at cel.dev defines it.
 */
@NullMarked
package ai.llmd.epp.adapter.cel;

import org.jspecify.annotations.NullMarked;
