"""a series is made of parts

What was derived from a series before is made again from its originals: the shape of what is kept has changed.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('series', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parts', sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column('file_format', sa.String(length=8), nullable=False, server_default='dicom')
        )
        batch_op.drop_column('volume')
    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('file_format', sa.String(length=8), nullable=False, server_default='dicom')
        )
    _drop_defaults()
    # `prepare` has the volumes of queued series without a job made again. The next revision, so that no
    # picture that a browser keeps is taken for one of the new.
    op.execute("UPDATE series SET state = 'queued', reason = NULL, revision = revision + 1 WHERE has_pixels")


def downgrade() -> None:
    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.drop_column('file_format')
    with op.batch_alter_table('series', schema=None) as batch_op:
        batch_op.add_column(sa.Column('volume', sa.JSON(), nullable=True))
        batch_op.drop_column('file_format')
        batch_op.drop_column('parts')
    op.execute("UPDATE series SET state = 'failed' WHERE has_pixels")


def _drop_defaults() -> None:
    """The defaults served the rows that were there; new rows say what they are."""
    for table in ('series', 'instances'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column('file_format', server_default=None)
