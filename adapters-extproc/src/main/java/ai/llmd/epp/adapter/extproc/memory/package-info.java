/** The memory that bodies take up while they are collected and read, counted and bounded. */
@NullMarked
package ai.llmd.epp.adapter.extproc.memory;

import org.jspecify.annotations.NullMarked;
