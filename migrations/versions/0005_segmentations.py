"""masks on series, and what files refer to

New tables only: no row that was there is touched.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('segmentations',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('series_row_id', sa.String(length=36), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=256), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('placement', sa.String(length=16), nullable=False),
    sa.Column('warnings', sa.JSON(), nullable=False),
    sa.Column('grid', sa.JSON(), nullable=False),
    sa.Column('layers', sa.JSON(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('mask_revision', sa.Integer(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('source_instance_id', sa.String(length=36), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['series_row_id'], ['series.id'], name=op.f('fk_segmentations_series_row_id_series'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_segmentations_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_segmentations'))
    )
    with op.batch_alter_table('segmentations', schema=None) as batch_op:
        batch_op.create_index('ix_segmentations_series_row_id_part', ['series_row_id', 'part'], unique=False)
        batch_op.create_index(batch_op.f('ix_segmentations_user_id'), ['user_id'], unique=False)

    op.create_table('segments',
    sa.Column('segmentation_row_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(length=256), nullable=False),
    sa.Column('color', sa.String(length=7), nullable=False),
    sa.Column('code', sa.JSON(), nullable=True),
    sa.Column('file_revision', sa.Integer(), nullable=False),
    sa.Column('box', sa.JSON(), nullable=False),
    sa.Column('voxels', sa.BigInteger(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('statistics', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['segmentation_row_id'], ['segmentations.id'], name=op.f('fk_segments_segmentation_row_id_segmentations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('segmentation_row_id', 'number', name=op.f('pk_segments'))
    )
    op.create_table('instance_references',
    sa.Column('instance_row_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=256), nullable=False),
    sa.Column('frame_of_reference_uid', sa.String(length=64), nullable=False),
    sa.Column('series_uids', sa.JSON(), nullable=False),
    sa.Column('fault', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['instance_row_id'], ['instances.id'], name=op.f('fk_instance_references_instance_row_id_instances'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('instance_row_id', name=op.f('pk_instance_references'))
    )


def downgrade() -> None:
    for table in ('instance_references', 'segments', 'segmentations'):
        op.drop_table(table)
