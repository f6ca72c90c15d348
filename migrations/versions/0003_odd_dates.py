"""dates that are no day of the calendar are kept as they are

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('patients', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('birth_date_text', sa.String(length=32), nullable=False, server_default='')
        )
    with op.batch_alter_table('studies', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('study_date_text', sa.String(length=32), nullable=False, server_default='')
        )
    # The default is the application's to give.
    with op.batch_alter_table('patients', schema=None) as batch_op:
        batch_op.alter_column('birth_date_text', server_default=None)
    with op.batch_alter_table('studies', schema=None) as batch_op:
        batch_op.alter_column('study_date_text', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('studies', schema=None) as batch_op:
        batch_op.drop_column('study_date_text')
    with op.batch_alter_table('patients', schema=None) as batch_op:
        batch_op.drop_column('birth_date_text')
